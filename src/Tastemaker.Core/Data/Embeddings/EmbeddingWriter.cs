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
public sealed class EmbeddingWriter(EmbeddingFolder folder, IEncoder encoder)
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
        folder.Begin(new(encoder.Name, encoder.Fingerprint, encoder.Space.Dimensions, sources.Count, Hash(sources)));
        var (embedded, written, kept) = (0L, 0, 0);
        for (var part = 0; part < sources.Count; part++)
        {
            cancel.ThrowIfCancellationRequested();
            if (!shard.Has(part))
            {
                continue;
            }

            var number = EmbeddingFolder.Number(part, sources.Count);
            if (File.Exists(folder.MetadataFile(number)) && File.Exists(folder.VectorFile(number)))
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
        var (vectors, metadata) = (folder.VectorFile(number), folder.MetadataFile(number));
        var count = 0;
        using (var npy = new FileStream($"{vectors}.part", FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 20))
        {
            npy.Write(Npy.HalfHeader(0, encoder.Space.Dimensions));
            TableFile.Write($"{metadata}.part", TableFormat.Parquet, Columns, Rows(), cancel);
            npy.Position = 0;
            npy.Write(Npy.HalfHeader(count, encoder.Space.Dimensions));
            npy.Flush(flushToDisk: true);

            IEnumerable<object?[]> Rows()
            {
                foreach (var batch in Batches(source.Samples(Fail, cancel)))
                {
                    foreach (var (sample, vector) in batch.Zip(Encode(batch, cancel)).Where(pair => pair.Second is not null))
                    {
                        npy.Write(vector);
                        count++;
                        yield return [sample.Name, sample.Caption, sample.Json];
                    }

                    report(count);
                }
            }
        }

        File.Move($"{vectors}.part", vectors, overwrite: true);
        File.Move($"{metadata}.part", metadata, overwrite: true);
        return count;
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

    private byte[]?[] Encode(List<Sample> batch, CancellationToken cancel)
    {
        var (vectors, troubles) = (new byte[]?[batch.Count], new string?[batch.Count]);
        Parallel.For(0, batch.Count, new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancel }, i =>
        {
            try
            {
                vectors[i] = UnitHalves(encoder.Encode(batch[i].Decode(encoder.Orientation, cancel), cancel));
                troubles[i] = vectors[i] is null ? "the encoder gave numbers that are not finite; its weights are damaged, or the precision does not suffice." : null;
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

        return vectors;
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
}
