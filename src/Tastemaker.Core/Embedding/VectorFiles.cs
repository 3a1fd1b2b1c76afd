using Tastemaker.Core.Platform;
using Tastemaker.Native;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Embedding;

/// <summary>
/// Vectors that others computed: <c>.npy</c> files of rows, single vectors in <c>.pt</c> or <c>.safetensors</c>, and folders
/// of clip-retrieval (<c>img_emb/img_emb_N.npy</c>). Files are mapped and read a row at a time.
/// </summary>
public sealed class VectorFiles : IDisposable
{
    private static readonly string[] Extensions = [".npy", ".pt", ".pth", ".bin", ".safetensors"];

    private readonly List<Source> _sources = [];

    /// <summary>Numbers in one vector; null where there is none.</summary>
    public int? Dimensions => _sources.Count == 0 ? null : _sources[0].Width;

    /// <returns>What can be read, and what cannot, with the reason.</returns>
    /// <exception cref="EmbeddingException">The files' vectors differ in length.</exception>
    public static (VectorFiles Files, IReadOnlyList<Failure> Failures) Open(IEnumerable<string> paths)
    {
        var (files, failures) = (new VectorFiles(), new List<Failure>());
        foreach (var path in paths.SelectMany(Expand))
        {
            try
            {
                files._sources.Add(Source.Open(path));
            }
            catch (Exception e) when (e is WeightException or IOException or UnauthorizedAccessException)
            {
                failures.Add(new(path, e.Message));
            }
        }

        if (files._sources.FirstOrDefault(s => s.Width != files.Dimensions) is { } other)
        {
            var (first, width) = (files._sources[0], other.Width);
            files.Dispose();
            throw new EmbeddingException($"'{other.Path}' holds vectors of {width} numbers, '{first.Path}' of {first.Width}; score them apart.");
        }

        return (files, failures);
    }

    /// <summary>The file, and the row's number where it has several.</summary>
    public IEnumerable<string> Names() => _sources.SelectMany(s => Enumerable.Range(0, s.Rows).Select(row => s.Rows == 1 ? s.Path : $"{s.Path}#{row}"));

    public IEnumerable<float[]> Vectors() => _sources.SelectMany(s => Enumerable.Range(0, s.Rows).Select(s.Read));

    public void Dispose()
    {
        foreach (var source in _sources)
        {
            source.File.Dispose();
        }
    }

    private static IEnumerable<string> Expand(string path)
    {
        if (!Directory.Exists(path))
        {
            return [path];
        }

        var images = Path.Combine(path, "img_emb");
        return Directory.EnumerateFiles(Directory.Exists(images) ? images : path)
            .Where(file => Extensions.Contains(Path.GetExtension(file).ToLowerInvariant())).Order(StringComparer.Ordinal);
    }

    private sealed record Source(string Path, MappedFile File, int Rows, int Width, Func<int, float[]> Read)
    {
        public static Source Open(string path)
        {
            var file = MappedFile.OpenRead(path);
            try
            {
                var checkpoint = Checkpoint.Open(new(file.Length, file.Read));
                return checkpoint.Format == "npy" ? InRows(path, file) : One(path, file, checkpoint);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }

        private static Source InRows(string path, MappedFile file)
        {
            var npy = NpyFile.Open(new(file.Length, file.Read));
            return new(path, file, npy.Rows, npy.Width, row =>
            {
                var vector = new float[npy.Width];
                npy.Read(row, vector);
                return vector;
            });
        }

        private static Source One(string path, MappedFile file, Checkpoint checkpoint)
        {
            var tensor = checkpoint.Tensors.Count == 1 ? checkpoint.Tensors.Values.First()
                : throw new WeightException($"the file holds {checkpoint.Tensors.Count} tensors; one vector, or rows of them, is wanted.");
            var width = tensor.Shape.Rank > 0 ? tensor.Shape[-1] : 0;
            if (width == 0 || tensor.Count % width != 0 || tensor.Shape.Rank > 2)
            {
                throw new WeightException($"'{tensor.Name}' has shape {tensor.Shape}; one vector [d], or rows of them [n, d], is wanted.");
            }

            var numbers = tensor.Floats(checkpoint.Source);
            return new(path, file, numbers.Length / width, width, row => numbers[(row * width)..((row + 1) * width)]);
        }
    }
}
