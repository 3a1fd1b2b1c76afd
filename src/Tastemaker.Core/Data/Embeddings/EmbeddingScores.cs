using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Tastemaker.Core.Platform;
using Tastemaker.Core.Platform.Tables;
using Tastemaker.Core.Taste;
using Tastemaker.Native.DuckDb;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Heads;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Data.Embeddings;

/// <summary>How one head's scores lie over the rows that were scored; NaN for no rows.</summary>
public sealed record HeadFigures(string Model, long Rows, double Mean, double Deviation, double Lowest, double Highest);

/// <param name="Rows">Scored in this run.</param>
/// <param name="Bytes">Of the vectors read for that.</param>
/// <param name="Scoring">Time for reading and scoring, without writing.</param>
/// <param name="PartsKept">Parts of this share whose scores were there already.</param>
public sealed record ScoreSummary(
    long Rows, long Bytes, TimeSpan Scoring, int PartsWritten, int PartsKept, IReadOnlyList<HeadFigures> Heads, IReadOnlyList<Failure> Failures);

/// <summary>
/// Scores the parts of a folder of embeddings into <c>scores_N.parquet</c> or <c>.csv</c>: a column <c>image_path</c> where the metadata have one,
/// else <c>row</c>, and one for each head. Parts are read one at a time, a block for each core.
/// </summary>
public sealed class EmbeddingScores(EmbeddingFolder folder, IReadOnlyList<ScoringHead> heads)
{
    /// <summary>So little that what was read is still in the core's own cache when it is scored.</summary>
    private const int BlockBytes = 1 << 18;

    private readonly Moments[] _moments = [.. heads.Select(_ => new Moments())];

    /// <param name="into">The folder for the scores.</param>
    /// <exception cref="DataException">There are no parts.</exception>
    public ScoreSummary Run(string into, TableFormat format, Shard shard, IProgress<Progress>? progress, CancellationToken cancel)
    {
        Directory.CreateDirectory(into);
        var (rows, bytes, watch) = (0L, 0L, new Stopwatch());
        var (written, kept, failures) = (0, 0, new List<Failure>());
        var parts = folder.Parts();
        foreach (var (index, number) in parts.Index().Where(part => shard.Has(part.Index)))
        {
            cancel.ThrowIfCancellationRequested();
            var target = Path.Combine(into, $"scores_{number}.{(format == TableFormat.Parquet ? "parquet" : "csv")}");
            if (IsDone(target, cancel))
            {
                kept++;
                continue;
            }

            try
            {
                watch.Start();
                var (scores, size) = Score(folder.VectorFile(number), cancel);
                watch.Stop();
                Write(target, format, number, scores, cancel);
                (rows, bytes, written) = (rows + (scores.Length / heads.Count), bytes + size, written + 1);
            }
            catch (Exception e) when (e is WeightException or DataException or TableException or IOException or UnauthorizedAccessException)
            {
                failures.Add(new(folder.VectorFile(number), e.Message));
            }
            finally
            {
                watch.Stop();
            }

            progress?.Report(new("scoring parts", index + 1, parts.Count));
        }

        return new(rows, bytes, watch.Elapsed, written, kept, [.. heads.Zip(_moments, (head, moments) => moments.Of(head.Name))], failures);
    }

    /// <summary>Whether the scores of these heads are there already.</summary>
    private bool IsDone(string target, CancellationToken cancel)
    {
        if (!File.Exists(target))
        {
            return false;
        }

        using var database = TableDatabase.Open([target]);
        using var connection = database.Connect();
        return TableSource.Open(connection, target, cancel).Names.Skip(1).SequenceEqual(heads.Select(h => h.Name));
    }

    /// <returns>Row after row, a score for each head; and the bytes that were read for it.</returns>
    private (float[] Scores, long Bytes) Score(string path, CancellationToken cancel)
    {
        using var file = File.OpenHandle(path);
        var npy = NpyFile.Open(new(RandomAccess.GetLength(file), (offset, into) => Fill(file, offset, into)));
        if (heads.FirstOrDefault(h => h.Space.Dimensions != npy.Width) is { } other)
        {
            throw new DataException($"its vectors have {npy.Width} numbers, and head '{other.Name}' takes {other.Space.Dimensions}. 'taste models list' shows the heads.");
        }

        var scores = new float[checked((long)npy.Rows * heads.Count)];
        var folded = heads.All(h => h.Folded is not null) && npy.Type == ElementType.F16 ? heads.Select(h => h.Folded!).ToArray() : null;
        var stride = npy.Width * npy.Type.Size;
        var blockRows = Math.Max(1, BlockBytes / stride);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancel };
        Parallel.For(0, (npy.Rows + blockRows - 1) / blockRows, options, () => new byte[folded is null ? 0 : blockRows * stride], (block, _, buffer) =>
        {
            var first = block * blockRows;
            var count = Math.Min(blockRows, npy.Rows - first);
            var into = scores.AsSpan(first * heads.Count, count * heads.Count);
            if (folded is not null)
            {
                var rows = buffer.AsSpan(0, count * stride);
                Fill(file, npy.Offset + ((long)first * stride), rows);
                AffineHeads.Score(folded, rows, stride, into);
            }
            else
            {
                ByVectors(npy, first, into);
            }

            return buffer;
        }, _ => { });
        Count(scores);
        return (scores, (long)npy.Rows * stride);
    }

    private static void Fill(SafeFileHandle file, long offset, Span<byte> into)
    {
        while (into.Length > 0)
        {
            var read = RandomAccess.Read(file, into, offset);
            if (read == 0)
            {
                throw new EndOfStreamException("it became shorter while it was read.");
            }

            into = into[read..];
            offset += read;
        }
    }

    private void ByVectors(NpyFile npy, int first, Span<float> into)
    {
        var vector = new float[npy.Width];
        for (var i = 0; i < into.Length; i++)
        {
            if (i % heads.Count == 0)
            {
                npy.Read(first + (i / heads.Count), vector);
            }

            into[i] = heads[i % heads.Count].Score(vector);
        }
    }

    private void Count(float[] scores)
    {
        for (var head = 0; head < heads.Count; head++)
        {
            _moments[head].Add(scores, head, heads.Count);
        }
    }

    private void Write(string target, TableFormat format, string number, float[] scores, CancellationToken cancel) => AtomicFile.ReplaceAt(target, aside =>
    {
        var metadata = folder.MetadataFile(number);
        try
        {
            using var database = TableDatabase.Open([aside, metadata], Path.GetDirectoryName(target));
            using var connection = database.Connect();
            connection.Run($"create table s (\"row\" bigint{string.Concat(heads.Select(h => $", {DuckDbText.Name(h.Name)} float"))})", cancel);
            Append(connection, scores, cancel);
            var select = Named(connection, metadata, scores.Length / heads.Count, cancel) is { } named
                ? $"select m.image_path, s.* exclude (\"row\") from {named} m positional join s"
                : "select * from s order by \"row\"";
            connection.Run($"copy ({select}) to {DuckDbText.Literal(aside)} {(format == TableFormat.Parquet ? TableFile.ParquetOptions : TableFile.CsvOptions)}", cancel);
        }
        catch (DuckDbException e)
        {
            throw new TableException($"'{target}' cannot be written: {e.Message}", e);
        }
    });

    private void Append(DuckDbConnection connection, float[] scores, CancellationToken cancel)
    {
        using var appender = connection.Append("s");
        for (var i = 0; i < scores.Length; i++)
        {
            if (i % heads.Count == 0)
            {
                cancel.ThrowIfCancellationRequested();
                appender.Add((long?)(i / heads.Count));
            }

            appender.Add(scores[i]);
            if (i % heads.Count == heads.Count - 1)
            {
                appender.EndRow();
            }
        }

        appender.Close();
    }

    /// <summary>The column of paths, if there are metadata with one; they must be of as many rows.</summary>
    private static string? Named(DuckDbConnection connection, string metadata, int rows, CancellationToken cancel)
    {
        if (!File.Exists(metadata))
        {
            return null;
        }

        var source = TableSource.Open(connection, metadata, cancel);
        if (source.Find("image_path") is not { } column)
        {
            return null;
        }

        using var count = connection.Query($"select count(*) from {source.From}", cancel);
        if (!count.Read() || count.Int64(0) != rows)
        {
            throw new DataException(string.Create(CultureInfo.InvariantCulture, $"it has {rows} rows, and '{metadata}' has another number; they do not belong together."));
        }

        return $"(select {source.Sql(column)}::varchar as image_path from {source.From})";
    }

    /// <summary>Of numbers that come many at a time (the pairwise sums of Chan, Golub and LeVeque 1979).</summary>
    private sealed class Moments
    {
        private long _count;
        private double _mean;
        private double _squares;
        private double _low = double.PositiveInfinity;
        private double _high = double.NegativeInfinity;

        /// <summary>Adds every <paramref name="step"/>th score from the first on; those that are no numbers do not count.</summary>
        public void Add(ReadOnlySpan<float> scores, int first, int step)
        {
            var (count, sum) = (0L, 0.0);
            for (var i = first; i < scores.Length; i += step)
            {
                if (float.IsFinite(scores[i]))
                {
                    count++;
                    sum += scores[i];
                    (_low, _high) = (Math.Min(_low, scores[i]), Math.Max(_high, scores[i]));
                }
            }

            if (count == 0)
            {
                return;
            }

            var (mean, squares) = (sum / count, 0.0);
            for (var i = first; i < scores.Length; i += step)
            {
                squares += float.IsFinite(scores[i]) ? (scores[i] - mean) * (scores[i] - mean) : 0;
            }

            var apart = mean - _mean;
            _squares += squares + (apart * apart * _count * count / (_count + count));
            _count += count;
            _mean += apart * count / _count;
        }

        public HeadFigures Of(string model) =>
            new(model, _count, _count > 0 ? _mean : double.NaN, _count > 0 ? Math.Sqrt(_squares / _count) : double.NaN, _count > 0 ? _low : double.NaN, _count > 0 ? _high : double.NaN);
    }
}
