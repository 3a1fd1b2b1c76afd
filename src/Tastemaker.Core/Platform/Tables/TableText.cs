using System.Text;
using Tastemaker.Native.DuckDb;

namespace Tastemaker.Core.Platform.Tables;

/// <summary>Small Parquet files for what reads comma-separated text.</summary>
internal static class TableText
{
    /// <summary>The whole table as CSV; a column of another type as DuckDB writes its values.</summary>
    /// <param name="most">Characters; a longer text is refused.</param>
    /// <exception cref="TableException">It is no whole Parquet file, or too long.</exception>
    public static string OfParquet(string path, int most)
    {
        using var database = TableDatabase.Open([path]);
        using var connection = database.Connect();
        var source = TableSource.Open(connection, path, CancellationToken.None);
        var text = new StringBuilder(string.Join(',', source.Names.Select(TableFile.Quoted))).Append('\n');
        try
        {
            using var rows = connection.Query($"select {string.Join(", ", Enumerable.Range(0, source.Names.Count).Select(i => $"{source.Sql(i)}::varchar"))} from {source.From}");
            while (rows.Read())
            {
                text.AppendJoin(',', Enumerable.Range(0, source.Names.Count).Select(i => rows.IsNull(i) ? "" : TableFile.Quoted(rows.Text(i)))).Append('\n');
                if (text.Length > most)
                {
                    throw new TableException($"'{source.Path}' holds more than {most >> 20} MB of text; that is no table of judgements.");
                }
            }
        }
        catch (DuckDbException e)
        {
            throw new TableException($"'{source.Path}' is no whole Parquet file: {e.Message}", e);
        }

        return text.ToString();
    }
}
