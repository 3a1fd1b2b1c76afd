using System.Globalization;

namespace Tastemaker.Core.Judging.Exchange;

/// <summary>Reads judgements from comma-separated tables, by the names of their columns.</summary>
internal static class Tables
{
    /// <summary>Ratings below are left out, as <c>prepare-data-for-training.py</c> does.</summary>
    private const double LowestAverage = 1;

    private static readonly string[] PathColumns = ["relative_path", "relative_filepath", "path", "file", "filename", "image"];

    /// <summary>Which table a header begins; null for none of ours.</summary>
    public static ExchangeFormat? Recognise(string text)
    {
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        var header = new Header([.. text[..(end < 0 ? text.Length : end)].TrimEnd('\r').Split(',').Select(f => f.Trim('"'))]);
        return header switch
        {
            _ when header.Of("winner") is not null && header.Of("loser") is not null => ExchangeFormat.Pairs,
            _ when header.Of("imagepath") is not null && header.Of("average_rating") is not null => ExchangeFormat.AverageRating,
            _ when header.Of(PathColumns) is not null && header.Of("score") is not null => ExchangeFormat.ScoresCsv,
            _ => null,
        };
    }

    /// <summary>Scores that Elo gave where comparisons are counted, else scores of an unknown scale. 0 is unscored.</summary>
    public static Statements Scores(string text)
    {
        var (statements, unscored) = (new List<Statement>(), 0);
        var (header, rows) = Open(text);
        var (path, score, comparisons) = (Demand(header, PathColumns), Demand(header, "score"), header.Of("comparisons"));
        foreach (var row in rows)
        {
            var field = row[score];
            var value = field.Length == 0 ? 0 : row.Number(score);
            unscored += value == 0 ? 1 : 0;
            if (value != 0)
            {
                statements.Add(Statement.Rating(new(row[path]), value, comparisons is null ? "score" : EloReplay.Scale));
            }
        }

        return new(statements, unscored, comparisons is not null);
    }

    public static Statements AverageRatings(string text)
    {
        var (header, rows) = Open(text);
        var (path, rating) = (Demand(header, "imagepath"), Demand(header, "average_rating"));
        var all = rows.Select(row => Statement.Rating(new(row[path]), row.Number(rating), "1-10")).ToList();
        var rated = all.Where(s => s.Value >= LowestAverage).ToList();
        return new(rated, all.Count - rated.Count);
    }

    public static Statements Pairs(string text)
    {
        var (header, rows) = Open(text);
        var (winner, loser, draw) = (Demand(header, "winner"), Demand(header, "loser"), header.Of("draw"));
        return new([.. rows.Select(row =>
            new Statement(draw is { } d && row.IsTrue(d) ? JudgementKind.Draw : JudgementKind.Choice, new(row[winner]), new(row[loser])))]);
    }

    private static (Header Header, IEnumerable<Row> Rows) Open(string text)
    {
        var records = Csv.Read(text);
        var first = records.FirstOrDefault();
        var header = new Header(first.Fields ?? []);
        return (header, records.Skip(1).Select(r => new Row(r.Line, r.Fields)));
    }

    private static int Demand(Header header, params string[] names) => header.Of(names)
        ?? throw new JudgingException($"it has no column '{names[0]}'; its first line names {(header.Names.Count == 0 ? "none" : string.Join(", ", header.Names.Take(8)))}.");

    private sealed record Header(IReadOnlyList<string> Names)
    {
        /// <summary>The place of the first of these columns that is there, whatever its case; null for none.</summary>
        public int? Of(params string[] wanted) => wanted
            .Select(name => Names.Index().Where(n => n.Item.Trim().Equals(name, StringComparison.OrdinalIgnoreCase)).Select(n => (int?)n.Index).FirstOrDefault())
            .FirstOrDefault(place => place is not null);
    }

    private sealed record Row(int Line, List<string> Fields)
    {
        public string this[int column] => column < Fields.Count
            ? Fields[column]
            : throw new JudgingException($"line {Line} has {Fields.Count} fields; {column + 1} at least were wanted. Is the file whole?");

        public double Number(int column) =>
            double.TryParse(this[column], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
                ? value
                : throw new JudgingException($"line {Line}: '{Text.Shown(this[column])}' is no number.");

        public bool IsTrue(int column) => this[column].Trim().ToLowerInvariant() switch
        {
            "" or "0" or "false" or "no" => false,
            "1" or "true" or "yes" or "draw" => true,
            var other => throw new JudgingException($"line {Line}: '{Text.Shown(other)}' is no answer to 'draw'; 1 or 0 is."),
        };
    }
}
