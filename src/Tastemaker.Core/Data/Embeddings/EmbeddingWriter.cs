using System.Security.Cryptography;
using System.Text;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;
using Tastemaker.Core.Platform.Tables;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Data.Embeddings;

/// <param name="Embedded">Pictures in the parts that this run wrote.</param>
/// <param name="PartsKept">Parts of this share that were there already.</param>
/// <param name="Failed">Pictures and members that were passed over.</param>
/// <param name="Failures">The first of them, with reasons.</param>
public sealed record EmbedSummary(long Embedded, int PartsWritten, int PartsKept, long Failed, IReadOnlyList<Failure> Failures);

/// <summary>
/// Embeds pictures into a folder of parts, in memory that does not grow with their number. A part has its names only when it is whole:
/// a run that was killed redoes the part it was at, with the same bytes, and keeps those before.
/// </summary>
/// <param name="texts">Encodes captions too, where it is given; a picture without one gets the vector of an empty text.</param>
public sealed class EmbeddingWriter(EmbeddingFolder folder, IEncoder encoder, ClipTextEncoder? texts = null)
{
    private const int BatchSamples = 64;
    private const long BatchBytes = 128 << 20;
    private const int MostNamed = 1000;

    private static readonly TableColumn[] Columns = [new("image_path", TableType.Text), new("caption", TableType.Text), new("metadata", TableType.Text)];

    private readonly List<Failure> _failures = [];
    private long _failed;

    /// <param name="files">Pictures, in the order in which they are to be.</param>
    /// <param name="partRows">Pictures in a part.</param>
    public EmbedSummary Files(IReadOnlyList<FoundFile> files, int partRows, Shard shard, IProgress<Progress>? progress, CancellationToken cancel) =>
        Run([.. files.Chunk(partRows).Select(part => new FileSamples(part))], shard, files.Count, progress, cancel);

    /// <param name="tars">Of webdataset; each becomes a part.</param>
    public EmbedSummary Tars(IReadOnlyList<string> tars, Shard shard, IProgress<Progress>? progress, CancellationToken cancel) =>
        Run([.. tars.Select(tar => new TarSamples(tar))], shard, total: null, progress, cancel);

    private EmbedSummary Run(IReadOnlyList<ISampleSource> sources, Shard shard, int? total, IProgress<Progress>? progress, CancellationToken cancel)
    {
        folder.Begin(new(encoder.Name, encoder.Fingerprint, encoder.Space.Dimensions, sources.Count, Hash(sources), texts is not null));
        var (embedded, written, kept) = (0L, 0, 0);
        for (var part = 0; part < sources.Count; part++)
        {
            cancel.ThrowIfCancellationRequested();
            if (!shard.Has(part))
            {
                continue;
            }

            var number = EmbeddingFolder.Number(part, sources.Count);
            if (File.Exists(folder.MetadataFile(number)) && File.Exists(folder.VectorFile(number)) && (texts is null || File.Exists(folder.CaptionFile(number))))
            {
                kept++;
                continue;
            }

            embedded += Write(sources[part], number, done => progress?.Report(new("embedding", (int)(embedded + done), total ?? (int)(embedded + done))), cancel);
            written++;
        }

        return new(embedded, written, kept, _failed, _failures);
    }

    private long Write(ISampleSource source, string number, Action<long> report, CancellationToken cancel)
    {
        var metadata = folder.MetadataFile(number);
        using var vectors = new NpyPart(folder.VectorFile(number), encoder.Space.Dimensions);
        using var captions = texts is null ? null : new NpyPart(folder.CaptionFile(number), encoder.Space.Dimensions);
        TableFile.Write($"{metadata}.part", TableFormat.Parquet, Columns, Rows(), cancel);
        vectors.Complete();
        captions?.Complete();
        File.Move($"{metadata}.part", metadata, overwrite: true);
        return vectors.Rows;

        IEnumerable<object?[]> Rows()
        {
            foreach (var batch in Batches(source.Samples(Fail, cancel)))
            {
                foreach (var (sample, row) in batch.Zip(Encode(batch, cancel)).Where(pair => pair.Second is not null))
                {
                    vectors.Add(row!.Picture);
                    captions?.Add(row.Caption!);
                    yield return [sample.Name, sample.Caption, sample.Json];
                }

                report(vectors.Rows);
            }
        }
    }

    private static IEnumerable<List<Sample>> Batches(IEnumerable<Sample> samples)
    {
        var (batch, bytes) = (new List<Sample>(), 0L);
        foreach (var sample in samples)
        {
            batch.Add(sample);
            bytes += sample.Bytes;
            if (batch.Count == BatchSamples || bytes >= BatchBytes)
            {
                yield return batch;
                (batch, bytes) = ([], 0);
            }
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }

    private Encoded?[] Encode(List<Sample> batch, CancellationToken cancel)
    {
        var (rows, troubles) = (new Encoded?[batch.Count], new string?[batch.Count]);
        Parallel.For(0, batch.Count, new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancel }, i =>
        {
            try
            {
                var picture = UnitHalves(encoder.Encode(batch[i].Decode(encoder.Orientation, cancel), cancel));
                var caption = texts is null ? null : UnitHalves(texts.EncodeBeginning(batch[i].Caption ?? "", cancel));
                rows[i] = picture is null || (texts is not null && caption is null) ? null : new(picture, caption);
                troubles[i] = rows[i] is null ? "the encoder gave numbers that are not finite; its weights are damaged, or the precision does not suffice." : null;
            }
            catch (Exception e) when (e is ImageException or IOException or UnauthorizedAccessException)
            {
                troubles[i] = e.Message;
            }
        });
        foreach (var (sample, trouble) in batch.Zip(troubles).Where(pair => pair.Second is not null))
        {
            Fail(sample.Name, trouble!);
        }

        return rows;
    }

    /// <summary>The vector divided by its length, as little-endian float16; null where it is not finite.</summary>
    private static byte[]? UnitHalves(float[] vector)
    {
        var length = Math.Sqrt(vector.Sum(x => (double)x * x));
        if (!double.IsFinite(length))
        {
            return null;
        }

        var bytes = new byte[vector.Length * sizeof(ushort)];
        for (var i = 0; i < vector.Length; i++)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan(i * sizeof(ushort)), (Half)(vector[i] / (length == 0 ? 1 : length)));
        }

        return bytes;
    }

    private void Fail(string path, string reason)
    {
        if (_failed++ < MostNamed)
        {
            _failures.Add(new(path, reason));
        }
    }

    private static string Hash(IReadOnlyList<ISampleSource> sources)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var source in sources)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{source.Name}\n{source.Size}\n"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <param name="Caption">Null where captions are not wanted.</param>
    private sealed record Encoded(byte[] Picture, byte[]? Caption);

    /// <summary>A file of vectors that has its name only when it is whole.</summary>
    private sealed class NpyPart : IDisposable
    {
        private readonly string _path;
        private readonly int _dimensions;
        private readonly FileStream _file;

        public NpyPart(string path, int dimensions)
        {
            (_path, _dimensions) = (path, dimensions);
            _file = new($"{path}.part", FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 20);
            _file.Write(Npy.HalfHeader(0, dimensions));
        }

        public int Rows { get; private set; }

        public void Add(byte[] vector)
        {
            _file.Write(vector);
            Rows++;
        }

        public void Complete()
        {
            _file.Position = 0;
            _file.Write(Npy.HalfHeader(Rows, _dimensions));
            _file.Flush(flushToDisk: true);
            _file.Dispose();
            File.Move($"{_path}.part", _path, overwrite: true);
        }

        public void Dispose() => _file.Dispose();
    }
}
