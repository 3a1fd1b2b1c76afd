using System.Text;
using Tastemaker.Core.Platform.Tables;
using Tastemaker.Native.DuckDb;

namespace Tastemaker.Core.Data.Fetching;

/// <summary>An address of the list, with the caption that stands beside it.</summary>
internal sealed record ListedAddress(string Url, string? Caption);

/// <summary>Reads lists of addresses, in order and one by one.</summary>
internal static class AddressList
{
    private const int LongestLine = 1 << 16;

    /// <exception cref="TableException">The list has no such column, or is damaged.</exception>
    /// <exception cref="DataException">A line is too long for an address.</exception>
    public static IEnumerable<ListedAddress> Read(FetchRequest request, CancellationToken cancel) =>
        request.List.EndsWith(".txt", StringComparison.OrdinalIgnoreCase) ? Lines(request.List) : Rows(request, cancel);

    private static IEnumerable<ListedAddress> Lines(string path)
    {
        using var reader = new StreamReader(path, Encoding.UTF8);
        var line = new StringBuilder();
        for (int c; (c = reader.Read()) >= 0;)
        {
            if (c != '\n')
            {
                line.Append((char)c);
                if (line.Length > LongestLine)
                {
                    throw new DataException($"'{Path.GetFullPath(path)}' has a line of more than {LongestLine} characters; an address a line was wanted.");
                }
            }
            else if (Take(line) is { } listed)
            {
                yield return listed;
            }
        }

        if (Take(line) is { } last)
        {
            yield return last;
        }
    }

    private static ListedAddress? Take(StringBuilder line)
    {
        var text = line.ToString().Trim();
        line.Clear();
        return text.Length > 0 ? new(text, null) : null;
    }

    private static IEnumerable<ListedAddress> Rows(FetchRequest request, CancellationToken cancel)
    {
        using var database = TableDatabase.Open([request.List], threads: 1);
        using var connection = database.Connect();
        var source = TableSource.Open(connection, request.List, cancel);
        var url = request.UrlColumn is { } named ? source.Column(named) : source.Column("url", "image_url", "image_uri");
        var caption = request.CaptionColumn is { } own ? source.Column(own)
            : source.Find("caption", "text", "prompt") is { } found ? source.Sql(found) : "null";
        using var rows = Query(connection, $"select {url}::varchar, {caption}::varchar from {source.From}", source.Path, cancel);
        while (Next(rows, source.Path))
        {
            yield return new(rows.IsNull(0) ? "" : rows.Text(0), rows.IsNull(1) ? null : rows.Text(1));
        }
    }

    private static DuckDbRows Query(DuckDbConnection connection, string sql, string path, CancellationToken cancel)
    {
        try
        {
            return connection.Query(sql, cancel);
        }
        catch (DuckDbException e)
        {
            throw Damaged(path, e);
        }
    }

    private static bool Next(DuckDbRows rows, string path)
    {
        try
        {
            return rows.Read();
        }
        catch (DuckDbException e)
        {
            throw Damaged(path, e);
        }
    }

    private static TableException Damaged(string path, DuckDbException e) => new($"'{path}' cannot be read: {e.Message}", e);
}
