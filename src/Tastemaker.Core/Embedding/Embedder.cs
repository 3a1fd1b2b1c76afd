using System.Collections.Concurrent;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;

namespace Tastemaker.Core.Embedding;

/// <summary>
/// Brings files into the studio with a feature vector each. What the studio knows is not read again, what any file
/// ever held is not encoded again; decoding, preparation and encoding of several files overlap.
/// </summary>
public sealed class Embedder(ImageLibrary library, VectorStore vectors, IEncoder encoder, TimeProvider clock)
{
    /// <summary>Kept together, so that few flushes are needed and little is computed again after a kill.</summary>
    private const int Batch = 64;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    /// <summary>Every file with its image, in the order given; and those that cannot be read, with the reason.</summary>
    public BatchResult<EmbeddedFile> Bring(IReadOnlyList<FoundFile> files, IProgress<Progress>? progress, CancellationToken cancel)
    {
        var known = library.Recognise(files, cancel);
        var without = library.ImagesWithout(vectors.Fingerprint).ToHashSet();
        var work = Enumerable.Range(0, files.Count).Where(i => known[i] is not { } image || without.Contains(image.Id)).ToList();
        var run = new Run(this, files, known);
        run.All(work, progress, cancel);
        return new([.. files.Zip(known).Where(pair => pair.Second is not null).Select(pair => new EmbeddedFile(pair.First, pair.Second!))], run.Failures);
    }

    /// <summary>One call under way: what it claimed, gathered and failed at.</summary>
    private sealed class Run(Embedder owner, IReadOnlyList<FoundFile> files, KnownImage?[] known)
    {
        /// <summary>By content id: null once it has its vector, else why it cannot have one. Copies of a file share the answer.</summary>
        private readonly ConcurrentDictionary<string, Lazy<string?>> _claims = new();

        private readonly List<(int Index, ReadImage Image, float[]? Vector)> _batch = [];
        private readonly List<(int Index, Failure Failure)> _failures = [];
        private long _since;

        public IReadOnlyList<Failure> Failures => [.. _failures.OrderBy(f => f.Index).Select(f => f.Failure)];

        public void All(List<int> work, IProgress<Progress>? progress, CancellationToken cancel)
        {
            var done = 0;
            var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancel };
            try
            {
                Parallel.ForEach(Partitioner.Create(work, EnumerablePartitionerOptions.NoBuffering), options, index =>
                {
                    One(index, cancel);
                    progress?.Report(new("encoding", Interlocked.Increment(ref done), work.Count));
                });
            }
            catch (AggregateException e) when (e.InnerExceptions.All(inner => inner is OperationCanceledException))
            {
                throw new OperationCanceledException(cancel);
            }
            catch (AggregateException e)
            {
                throw e.InnerExceptions.First(inner => inner is not OperationCanceledException);
            }
            finally
            {
                lock (_batch)
                {
                    Keep();
                }
            }
        }

        private void One(int index, CancellationToken cancel)
        {
            var file = files[index];
            try
            {
                var contentId = ContentId.Of(file.Path, cancel);
                var header = ImageDecoder.Inspect(file.Path);
                var vector = default(float[]);
                var trouble = _claims.GetOrAdd(Convert.ToHexStringLower(contentId), _ => new(() => owner.Encode(file, contentId, out vector, cancel))).Value;
                if (trouble is not null)
                {
                    Fail(index, trouble);
                    return;
                }

                Gather(index, new(file, contentId, header.Width, header.Height, $"{header.Format}".ToLowerInvariant()), vector);
            }
            catch (Exception e) when (e is ImageException or IOException or UnauthorizedAccessException)
            {
                Fail(index, e.Message);
            }
        }

        private void Fail(int index, string reason)
        {
            lock (_batch)
            {
                _failures.Add((index, new(files[index].Path, reason)));
            }
        }

        private void Gather(int index, ReadImage image, float[]? vector)
        {
            lock (_batch)
            {
                _since = _batch.Count == 0 ? owner.Now : _since;
                _batch.Add((index, image, vector));
                if (_batch.Count >= Batch || owner.HasWaited(_since))
                {
                    Keep();
                }
            }
        }

        private void Keep()
        {
            var images = owner.Keep([.. _batch.Select(b => (b.Image, b.Vector))]);
            foreach (var (item, image) in _batch.Zip(images))
            {
                known[item.Index] = new(image, item.Image.ContentId);
            }

            _batch.Clear();
        }
    }

    private long Now => clock.GetTimestamp();

    private bool HasWaited(long since) => clock.GetElapsedTime(since) >= LongestWait;

    /// <summary>Encodes what no other file brought before. Returns what is wrong with the picture, or null.</summary>
    private string? Encode(FoundFile file, byte[] contentId, out float[]? vector, CancellationToken cancel)
    {
        vector = null;
        if (library.Find(contentId) is { } image && vectors.Read([image])[0] is not null)
        {
            return null;
        }

        try
        {
            var numbers = encoder.Encode(ImageDecoder.Decode(file.Path, encoder.Orientation, cancel), cancel);
            if (!numbers.All(float.IsFinite))
            {
                return "the encoder gave numbers that are not finite; its weights are damaged, or the precision does not suffice.";
            }

            vector = numbers;
            return null;
        }
        catch (Exception e) when (e is ImageException or IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private long[] Keep(List<(ReadImage Image, float[]? Vector)> batch)
    {
        if (batch.Count == 0)
        {
            return [];
        }

        var ids = library.Add([.. batch.Select(b => b.Image)]);
        vectors.Append([.. batch.Zip(ids).Where(b => b.First.Vector is not null).Select(b => new NewVector(b.Second, b.First.Vector))]);
        return ids;
    }
}

/// <summary>A file whose image is in the studio with its vector.</summary>
public sealed record EmbeddedFile(FoundFile File, KnownImage Image);
