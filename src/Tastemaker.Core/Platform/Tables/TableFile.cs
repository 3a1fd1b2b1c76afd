using System.Globalization;
using System.Text;
using Tastemaker.Native.DuckDb;

namespace Tastemaker.Core.Platform.Tables;

/// <summary>A column of a table that is written.</summary>
public sealed record TableColumn(string Name, TableType Type);

public enum TableType
{
    Text,

    /// <summary>64 bits.</summary>
    Integer,

    /// <summary>Floating point of 64 bits.</summary>
    Real,

    /// <summary>Floating point of 32 bits.</summary>
    Real32,

    Bool,
}

/// <summary>Writes rows as CSV or Parquet; the same rows give the same bytes.</summary>
public static class TableFile
{
    /// <summary>How every Parquet file of ours is written: under the name that it was told, which the caller renames.</summary>
    internal const string ParquetOptions = "(format parquet, compression zstd, use_tmp_file false)";

    internal const string CsvOptions = "(format csv, header true, delimiter ',', quote '\"', escape '\"', use_tmp_file false)";

    /// <param name="rows">For each column a string, an integer, a floating-point number, a bool, or null.</param>
    /// <returns>How many rows were written.</returns>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="TableException">There is no room for it.</exception>
    public static long Write(
        string path, TableFormat format, IReadOnlyList<TableColumn> columns, IEnumerable<IReadOnlyList<object?>> rows, CancellationToken cancel = default)
    {
        if (format == TableFormat.Parquet)
        {
            return WriteParquet(path, columns, rows, cancel);
        }

        using var writer = new StreamWriter(path, append: false, new UTF8Encoding(false)) { NewLine = "\n" };
        return WriteCsv(writer, columns, rows, cancel);
    }

    /// <summary>A field as RFC 4180 has it.</summary>
    public static string Quoted(string text) =>
        text.AsSpan().IndexOfAny("\",\n\r") >= 0 ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    private static long WriteCsv(TextWriter writer, IReadOnlyList<TableColumn> columns, IEnumerable<IReadOnlyList<object?>> rows, CancellationToken cancel)
    {
        writer.WriteLine(string.Join(',', columns.Select(c => Quoted(c.Name))));
        var count = 0L;
        foreach (var row in rows)
        {
            cancel.ThrowIfCancellationRequested();
            writer.WriteLine(string.Join(',', row.Select(Field)));
            count++;
        }

        return count;
    }

    private static string Field(object? value) => value switch
    {
        null => "",
        string text => Quoted(text),
        bool isTrue => isTrue ? "true" : "false",
        float number => number.ToString("R", CultureInfo.InvariantCulture),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static long WriteParquet(string path, IReadOnlyList<TableColumn> columns, IEnumerable<IReadOnlyList<object?>> rows, CancellationToken cancel)
    {
        var full = Path.GetFullPath(path);
        try
        {
            using var database = TableDatabase.Open([full], Path.GetDirectoryName(full), threads: 1);
            using var connection = database.Connect();
            connection.Run($"create table t ({string.Join(", ", columns.Select(c => $"{DuckDbText.Name(c.Name)} {Sql(c.Type)}"))})", cancel);
            using (var appender = connection.Append("t"))
            {
                foreach (var row in rows)
                {
                    cancel.ThrowIfCancellationRequested();
                    foreach (var value in row)
                    {
                        Add(appender, value);
                    }

                    appender.EndRow();
                }

                appender.Close();
            }

            return connection.Run($"copy t to {DuckDbText.Literal(full)} {ParquetOptions}", cancel);
        }
        catch (DuckDbException e)
        {
            throw new TableException($"'{full}' cannot be written: {e.Message}", e);
        }
    }

    private static string Sql(TableType type) => type switch
    {
        TableType.Text => "varchar",
        TableType.Integer => "bigint",
        TableType.Real => "double",
        TableType.Real32 => "float",
        _ => "boolean",
    };

    private static void Add(DuckDbAppender appender, object? value)
    {
        switch (value)
        {
            case null:
                appender.Null();
                break;
            case string text:
                appender.Add(text);
                break;
            case bool isTrue:
                appender.Add(isTrue);
                break;
            case float number:
                appender.Add(number);
                break;
            case double number:
                appender.Add((double?)number);
                break;
            default:
                appender.Add((long?)Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
        }
    }
}
