using System.Text;
using Tastemaker.Core.Platform;
using Tastemaker.Core.Platform.Tables;
using Tastemaker.Native.DuckDb;

namespace Tastemaker.Core.Data.Prompts;

/// <summary>What to read, what of it is wanted, and where it goes; existing files of these names are replaced.</summary>
public sealed record PromptRequest(string File, PromptSelection Selection)
{
    /// <summary>A prompt a line; line breaks within one become blanks.</summary>
    public string? Prompts { get; init; }

    /// <summary>A seed a line, of the prompt on the same line of <see cref="Prompts"/>; -1 where it is not known.</summary>
    public string? Seeds { get; init; }

    public string? Csv { get; init; }

    public string? Parquet { get; init; }
}

/// <summary>What came of it, in rows.</summary>
/// <param name="Rows">All that could be read.</param>
/// <param name="Repaired">Rows without settings that got them from the bot's message or the file name.</param>
/// <param name="Malformed">Rows whose JSON is none, or says nothing of an image; they are left out.</param>
/// <param name="PassedOver">Lines that are none of a table of these columns; at most a thousand are counted.</param>
/// <param name="Selected">Before repeats are removed.</param>
/// <param name="Written">After.</param>
/// <param name="OtherSeed">Of those written, rows whose seed is not known to be the image's own.</param>
/// <param name="Failures">The first of what is wrong with the file.</param>
public sealed record PromptSummary(
    long Rows, long Repaired, long Malformed, long PassedOver, long Selected, long Written, long OtherSeed, IReadOnlyList<Failure> Failures);

/// <summary>
/// Selects prompts from open-prompts' table, CSV or Parquet with the columns <c>prompt</c> and <c>raw_data</c>, in one pass and in bounded
/// memory. Rows keep the file's order; ids of Discord's users are not written.
/// </summary>
public static class PromptTable
{
    private const int MostNamed = 20;
    private const int MegaByte = 1 << 20;

    private const string Columns = """
        n bigint, prompt varchar, seed bigint, own_seed bigint, "index" bigint, images bigint, width bigint, height bigint,
        steps bigint, cfg double, sampler varchar, url varchar, "timestamp" bigint, repaired boolean
        """;

    /// <exception cref="TableException">The file is no such table, or the outputs cannot be written.</exception>
    /// <exception cref="DataException">The request contradicts itself.</exception>
    public static PromptSummary Run(PromptRequest request, IProgress<Progress>? progress, CancellationToken cancel)
    {
        Demand(request);
        PromptSummary? summary = null;
        Aside(request.Csv, csv => Aside(request.Parquet, parquet => Aside(request.Prompts, prompts => Aside(request.Seeds, seeds =>
            summary = Run(request with { Csv = csv, Parquet = parquet, Prompts = prompts, Seeds = seeds }, Folder(request), progress, cancel)))));
        return summary!;
    }

    private static void Aside(string? path, Action<string?> write)
    {
        if (path is null)
        {
            write(null);
        }
        else
        {
            AtomicFile.ReplaceAt(path, write);
        }
    }

    private static void Demand(PromptRequest request)
    {
        var outputs = Outputs(request).Select(Path.GetFullPath).ToList();
        if (outputs.Append(Path.GetFullPath(request.File)).GroupBy(p => p, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new DataException($"'{twice.Key}' is named twice; what is read and what is written must be files of their own.");
        }

        if (request.Selection.Unique.FirstOrDefault(key => !PromptSelection.Keys.Contains(key)) is { } unknown)
        {
            throw new DataException($"'{unknown}' is nothing that rows can be told apart by; {string.Join(", ", PromptSelection.Keys)} are.");
        }
    }

    private static IEnumerable<string> Outputs(PromptRequest request) =>
        new[] { request.Csv, request.Parquet, request.Prompts, request.Seeds }.OfType<string>();

    /// <summary>What does not fit into memory goes beside what is written.</summary>
    private static string? Folder(PromptRequest request) =>
        Outputs(request).FirstOrDefault() is { } first ? Path.GetDirectoryName(Path.GetFullPath(first)) : null;

    private static PromptSummary Run(PromptRequest request, string? scratch, IProgress<Progress>? progress, CancellationToken cancel)
    {
        try
        {
            using var database = TableDatabase.Open(Outputs(request).Append(request.File), scratch);
            using var into = database.Connect();
            into.Run($"create table picked ({Columns})", cancel);
            var read = Read(database, into, request, progress, cancel);
            Tidy(into, request.Selection.Unique, cancel);
            Write(into, request, cancel);
            return read with { Written = Number(into, "select count(*) from kept"), OtherSeed = Number(into, "select count(*) from kept where own_seed is distinct from seed") };
        }
        catch (DuckDbException e)
        {
            throw new TableException($"'{Path.GetFullPath(request.File)}' could not be gone through: {e.Message}", e);
        }
    }

    private static PromptSummary Read(
        TableDatabase database, DuckDbConnection into, PromptRequest request, IProgress<Progress>? progress, CancellationToken cancel)
    {
        using var connection = database.Connect();
        var source = TableSource.Open(connection, request.File, cancel);
        var (total, bytes, read) = (new FileInfo(source.Path).Length / MegaByte, 0L, new Tally());
        var failures = new List<Failure>();
        var passedOver = new List<Failure>();
        using (var appender = into.Append("picked"))
        {
            // Records are cut and rows are kept here, in the file's order; in between others read the JSON, a batch each.
            var (ahead, free) = (new Queue<Task<PromptBatch>>(), new Stack<PromptBatch>());
            foreach (var batch in Batches(source, connection, () => free.TryPop(out var used) ? used : new(), passedOver, cancel))
            {
                ahead.Enqueue(Task.Run(() => batch.Read(request.Selection), CancellationToken.None));
                if (ahead.Count > Environment.ProcessorCount)
                {
                    var done = ahead.Dequeue().GetAwaiter().GetResult();
                    Take(appender, done);
                    done.Clear();
                    free.Push(done);
                }
            }

            while (ahead.TryDequeue(out var batch))
            {
                Take(appender, batch.GetAwaiter().GetResult());
            }

            appender.Close();
        }

        return new(read.Rows, read.Repaired, read.Malformed, passedOver.Count, read.Selected, 0, 0, [.. failures, .. passedOver.Take(MostNamed)]);

        void Take(DuckDbAppender appender, PromptBatch batch)
        {
            bytes += batch.Bytes;
            failures.AddRange(batch.Malformed.Take(MostNamed - failures.Count)
                .Select(number => new Failure(source.Path, $"raw_data of the record {read.Rows + number} is no JSON of an image's settings. Is the file whole?")));
            read.Rows += batch.Rows;
            read.Repaired += batch.Repaired;
            read.Malformed += batch.Malformed.Count;
            foreach (var (number, row) in batch.Selected)
            {
                Add(appender, read.Selected++, row, batch.Prompt(number));
            }

            progress?.Report(new("reading MB", (int)(bytes / MegaByte), (int)Math.Max(total, bytes / MegaByte)));
        }
    }

    private static IEnumerable<PromptBatch> Batches(
        TableSource source, DuckDbConnection connection, Func<PromptBatch> next, List<Failure> passedOver, CancellationToken cancel)
    {
        var batch = next();
        if (source.Format == TableFormat.Csv)
        {
            var (prompt, raw) = (source.Place("prompt"), source.Place("raw_data"));
            using var records = new CsvRecords(source.Path, source.Names.Count);
            for (_ = records.Read(); records.Read();)
            {
                if (batch.Add(records[prompt], records[raw]))
                {
                    cancel.ThrowIfCancellationRequested();
                    yield return batch;
                    batch = next();
                }
            }

            passedOver.AddRange(records.PassedOver);
        }
        else
        {
            using var rows = connection.Query($"select {source.Column("prompt")}::varchar, {source.Column("raw_data")}::varchar from {source.From}", cancel);
            while (rows.Read())
            {
                if (batch.Add(rows.IsNull(0) ? [] : rows.Utf8(0), rows.IsNull(1) ? [] : rows.Utf8(1)))
                {
                    yield return batch;
                    batch = next();
                }
            }
        }

        yield return batch;
    }

    private static void Add(DuckDbAppender appender, long number, OpenPrompt row, ReadOnlySpan<byte> prompt)
    {
        appender.Add((long?)number);
        if (prompt.Contains((byte)'<'))
        {
            appender.Add(OpenPrompt.WithoutIds(Encoding.UTF8.GetString(prompt)));
        }
        else
        {
            appender.Add(prompt);
        }

        appender.Add(row.Seed);
        appender.Add(row.OwnSeed);
        appender.Add(row.Index);
        appender.Add(row.Images);
        appender.Add(row.Width);
        appender.Add(row.Height);
        appender.Add(row.Steps);
        appender.Add(row.Cfg);
        appender.Add(row.Sampler);
        appender.Add(row.Url);
        appender.Add(row.Time);
        appender.Add(row.IsRepaired);
        appender.EndRow();
    }

    /// <summary>Of rows that are alike the one with the lowest index stays, the first of these. Rows lie, and are read again, in the file's order.</summary>
    private static void Tidy(DuckDbConnection connection, IReadOnlyList<string> unique, CancellationToken cancel)
    {
        if (unique.Count > 0)
        {
            // Index and place as one number, so that only the keys and that number are looked through.
            connection.Run($"""
                delete from picked where n not in (
                    select (min((coalesce("index", 1::bigint << 62)::hugeint << 63) + n) & ((1::hugeint << 63) - 1))::bigint
                    from picked group by {string.Join(", ", unique.Select(DuckDbText.Name))})
                """, cancel);
        }

        connection.Run("alter table picked rename to kept", cancel);
    }

    private static void Write(DuckDbConnection connection, PromptRequest request, CancellationToken cancel)
    {
        foreach (var (path, options) in new[] { (request.Csv, TableFile.CsvOptions), (request.Parquet, TableFile.ParquetOptions) })
        {
            if (path is not null)
            {
                connection.Run($"""
                    copy (select prompt, seed, own_seed, "index", images, width, height, steps, cfg, sampler, url, "timestamp", repaired from kept)
                    to {DuckDbText.Literal(path)} {options}
                    """, cancel);
            }
        }

        if (request.Prompts is not null)
        {
            Lines(connection, request.Prompts, "regexp_replace(prompt, '[\\x00-\\x1f\\x7f]+', ' ', 'g')", cancel);
        }

        if (request.Seeds is not null)
        {
            Lines(connection, request.Seeds, "coalesce(seed, -1)::varchar", cancel);
        }
    }

    /// <summary>No line break after the last: programs that split such files at line breaks would take it for one more, empty prompt.</summary>
    private static void Lines(DuckDbConnection connection, string path, string column, CancellationToken cancel)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 16);
        using var rows = connection.Query($"select {column} from kept", cancel);
        for (var isFirst = true; rows.Read(); isFirst = false)
        {
            if (!isFirst)
            {
                file.WriteByte((byte)'\n');
            }

            file.Write(rows.Utf8(0));
        }
    }

    private static long Number(DuckDbConnection connection, string sql)
    {
        using var rows = connection.Query(sql);
        return rows.Read() ? rows.Int64(0) : 0;
    }

    private sealed class Tally
    {
        public long Rows { get; set; }

        public long Repaired { get; set; }

        public long Malformed { get; set; }

        public long Selected { get; set; }
    }
}
