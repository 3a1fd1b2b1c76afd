using System.Diagnostics;
using System.Globalization;
using Tastemaker.Core.Platform;
using Tastemaker.Core.Platform.Tables;
using Tastemaker.Core.Taste;
using Tastemaker.Native;
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
/// else <c>row</c>, and one for each head. Vectors are read from mapped files, a part at a time.
/// </summary>
public sealed class EmbeddingScores(EmbeddingFolder folder, IReadOnlyList<ScoringHead> heads)
{
    private const int BlockRows = 4096;

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
            if (IsDone(target))
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
    private bool IsDone(string target)
    {
        if (!File.Exists(target))
        {
            return false;
        }

        using var database = TableDatabase.Open([target]);
        using var connection = database.Connect();
        return TableSource.Open(connection, target).Names.Skip(1).SequenceEqual(heads.Select(h => h.Name));
    }

    /// <returns>Row after row, a score for each head; and the bytes that were read for it.</returns>
    private (float[] Scores, long Bytes) Score(string path, CancellationToken cancel)
    {
        using var file = MappedFile.OpenRead(path);
        var source = new ByteSource(file.Length, file.Read);
        var npy = NpyFile.Open(source);
        if (heads.FirstOrDefault(h => h.Space.Dimensions != npy.Width) is { } other)
        {
            throw new DataException($"its vectors have {npy.Width} numbers, and head '{other.Name}' takes {other.Space.Dimensions}. 'taste models list' shows the heads.");
        }

        var scores = new float[checked((long)npy.Rows * heads.Count)];
        var folded = heads.All(h => h.Folded is not null) && npy.Type == ElementType.F16 ? heads.Select(h => h.Folded!).ToArray() : null;
        var blocks = (npy.Rows + BlockRows - 1) / BlockRows;
        Parallel.For(0, blocks, new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancel }, block =>
        {
            var first = block * BlockRows;
            var count = Math.Min(BlockRows, npy.Rows - first);
            var into = scores.AsSpan(first * heads.Count, count * heads.Count);
            if (folded is not null)
            {
                var stride = npy.Width * sizeof(ushort);
                AffineHeads.Score(folded, file.Span(npy.Offset + ((long)first * stride), count * stride), stride, into);
            }
            else
            {
                ByVectors(npy, first, into);
            }
        });
        Count(scores);
        return (scores, (long)npy.Rows * npy.Width * npy.Type.Size);
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
        for (var i = 0; i < scores.Length; i++)
        {
            _moments[i % heads.Count].Add(scores[i]);
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
            var select = Named(connection, metadata, scores.Length / heads.Count) is { } named
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
    private static string? Named(DuckDbConnection connection, string metadata, int rows)
    {
        if (!File.Exists(metadata))
        {
            return null;
        }

        var source = TableSource.Open(connection, metadata);
        if (source.Find("image_path") is not { } column)
        {
            return null;
        }

        using var count = connection.Query($"select count(*) from {source.From}");
        if (!count.Read() || count.Int64(0) != rows)
        {
            throw new DataException(string.Create(CultureInfo.InvariantCulture, $"it has {rows} rows, and '{metadata}' has another number; they do not belong together."));
        }

        return $"(select {source.Sql(column)}::varchar as image_path from {source.From})";
    }

    /// <summary>Of numbers that come one by one (Welford's sums).</summary>
    private sealed class Moments
    {
        private long _count;
        private double _mean;
        private double _squares;
        private double _low = double.NaN;
        private double _high = double.NaN;

        public void Add(float score)
        {
            if (!float.IsFinite(score))
            {
                return;
            }

            _count++;
            var off = score - _mean;
            _mean += off / _count;
            _squares += off * (score - _mean);
            (_low, _high) = _count == 1 ? (score, score) : (Math.Min(_low, score), Math.Max(_high, score));
        }

        public HeadFigures Of(string model) =>
            new(model, _count, _count > 0 ? _mean : double.NaN, _count > 0 ? Math.Sqrt(_squares / _count) : double.NaN, _low, _high);
    }
}
