using System.Globalization;
using System.Text;
using Tastemaker.Native.DuckDb;

namespace Tastemaker.Core.Platform.Tables;

/// <summary>
/// A table in a file, to be read by statements. Of a CSV file, which may be in gzip, all columns are text; lines that are not as the others
/// are passed over and can be asked for afterwards.
/// </summary>
internal sealed class TableSource
{
    /// <summary>Longer lines are passed over.</summary>
    public const int LongestLine = 4 << 20;

    private const int LongestHeader = 1 << 16;
    private const int MostNames = 1000;
    internal const int MostRejects = 1000;

    private TableSource(string path, TableFormat format, bool isPacked, IReadOnlyList<string> names, IReadOnlyList<string> types)
    {
        (Path, Format, IsPacked, Names, Types) = (path, format, isPacked, names, types);
        if (names.GroupBy(n => n, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new TableException($"'{path}' has two columns '{Shown(twice.Key)}'; the names of columns must differ.");
        }
    }

    public string Path { get; }

    public TableFormat Format { get; }

    /// <summary>Whether a CSV file is in gzip.</summary>
    public bool IsPacked { get; }

    public IReadOnlyList<string> Names { get; }

    /// <summary>As DuckDB calls them.</summary>
    public IReadOnlyList<string> Types { get; }

    /// <summary>What stands after <c>from</c>.</summary>
    public string From => Format == TableFormat.Parquet
        ? $"read_parquet({DuckDbText.Literal(Path)})"
        : string.Create(CultureInfo.InvariantCulture, $"""
            read_csv({DuckDbText.Literal(Path)}, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', compression = '{(IsPacked ? "gzip" : "none")}',
                columns = {CsvColumns()}, max_line_size = {LongestLine}, buffer_size = {2 * LongestLine},
                ignore_errors = true, store_rejects = true, rejects_limit = {MostRejects})
            """);

    /// <param name="connection">One of a database that may read the file.</param>
    /// <exception cref="TableException">It is no table, or is damaged.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static TableSource Open(DuckDbConnection connection, string path, CancellationToken cancel)
    {
        var full = System.IO.Path.GetFullPath(path);
        if (!File.Exists(full))
        {
            throw new TableException($"'{full}' does not exist, or is a folder. Name a CSV or Parquet file.");
        }

        if (TableFormats.Of(full) == TableFormat.Csv)
        {
            var isPacked = GzipFile.Is(full);
            if (isPacked)
            {
                GzipFile.DemandWhole(full, cancel);
            }

            var header = CsvHeader(full);
            return new(full, TableFormat.Csv, isPacked, header, [.. header.Select(_ => "VARCHAR")]);
        }

        try
        {
            using var rows = connection.Query($"select column_name, column_type from (describe select * from read_parquet({DuckDbText.Literal(full)}))", cancel);
            var (names, types) = (new List<string>(), new List<string>());
            while (rows.Read())
            {
                names.Add(rows.Text(0));
                types.Add(rows.Text(1));
            }

            return new(full, TableFormat.Parquet, isPacked: false, names, types);
        }
        catch (DuckDbException e)
        {
            throw new TableException($"'{full}' is no whole Parquet file: {e.Message}", e);
        }
    }

    /// <summary>The place of the first of these columns that is there, whatever its case; null for none.</summary>
    public int? Find(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            for (var i = 0; i < Names.Count; i++)
            {
                if (Names[i].Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return i;
                }
            }
        }

        return null;
    }

    /// <summary>The column in a statement over <see cref="From"/>.</summary>
    /// <exception cref="TableException">None of the names is there.</exception>
    public string Column(params ReadOnlySpan<string> names) => Sql(Place(names));

    /// <summary>Which column it is.</summary>
    /// <exception cref="TableException">None of the names is there.</exception>
    public int Place(params ReadOnlySpan<string> names) => Find(names) ?? throw Lacks(names[0]);

    public string Sql(int column) => Format == TableFormat.Parquet ? DuckDbText.Name(Names[column]) : $"c{column}";

    /// <summary>The lines that the statements of this connection passed over, first lines first, at most a thousand.</summary>
    public IReadOnlyList<Failure> Rejects(DuckDbConnection connection)
    {
        if (Format == TableFormat.Parquet)
        {
            return [];
        }

        using var rows = connection.Query("select line, error_type::varchar, error_message from reject_errors order by byte_position");
        var failures = new List<Failure>();
        while (rows.Read())
        {
            var why = rows.Text(1) switch
            {
                "UNQUOTED VALUE" => $"a quote is not closed, or the line has more than {LongestLine} bytes",
                "LINE SIZE OVER MAXIMUM" => $"it has more than {LongestLine} bytes",
                "INVALID ENCODING" => "it is not UTF-8",
                _ => rows.Text(2).TrimEnd('.'),
            };
            failures.Add(new(Path, string.Create(CultureInfo.InvariantCulture, $"the line {rows.Int64(0)} is passed over: {why}.")));
        }

        return failures;
    }

    private TableException Lacks(string name) => new(
        $"'{Path}' has no column '{name}'; it has {(Names.Count == 0 ? "none" : string.Join(", ", Names.Take(8).Select(n => $"'{Shown(n)}'")))}{(Names.Count > 8 ? ", …" : "")}.");

    private string CsvColumns() => $"{{{string.Join(", ", Names.Select((_, i) => $"'c{i}': 'VARCHAR'"))}}}";

    /// <summary>The fields of the first line. A quoted name may hold anything but a line's end.</summary>
    private static List<string> CsvHeader(string path)
    {
        using var file = GzipFile.Open(path);
        var head = new byte[LongestHeader];
        var read = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        var end = head.AsSpan(0, read).IndexOf((byte)'\n');
        if (read == 0 || (end < 0 && read == LongestHeader) || head.AsSpan(0, read).Contains((byte)0))
        {
            throw new TableException($"'{path}' is {(read == 0 ? "empty" : "no table")}: comma-separated values with a line of names first, or Parquet, are wanted.");
        }

        var line = Encoding.UTF8.GetString(head, 0, end < 0 ? read : end).TrimStart('\uFEFF').TrimEnd('\r');
        var names = new List<string>();
        for (var at = 0; at <= line.Length && names.Count <= MostNames; at++)
        {
            names.Add(Field(line, ref at));
        }

        return names.Count <= MostNames ? names : throw new TableException($"'{path}' has more than {MostNames} columns.");
    }

    private static string Field(string line, ref int at)
    {
        if (at >= line.Length || line[at] != '"')
        {
            var comma = line.IndexOf(',', at) is >= 0 and var found ? found : line.Length;
            var plain = line[at..comma];
            at = comma;
            return plain;
        }

        var field = new StringBuilder();
        for (at++; at < line.Length; at++)
        {
            if (line[at] == '"' && (++at >= line.Length || line[at] != '"'))
            {
                break;
            }

            field.Append(line[at]);
        }

        return field.ToString();
    }

    private static string Shown(string name) => name.Length <= 40 ? name : $"{name[..40]}…";
}
