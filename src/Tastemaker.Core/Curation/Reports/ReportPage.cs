using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Tastemaker.Core.Platform;

namespace Tastemaker.Core.Curation.Reports;

/// <summary>
/// A report as one HTML file. Its policy forbids every request, script and style but its own, so that names of files can do nothing
/// and the page shows the same wherever it is opened.
/// </summary>
internal static class ReportPage
{
    /// <summary>Images of each side that a comparison of two heads shows.</summary>
    public const int Apart = 6;

    /// <summary>Tiles in the walls of all heads together: some 3 kB each, where they are different images.</summary>
    private const int MostTiles = 480;

    private const int MostInBucket = 30;
    private const int Ends = 12;

    private static readonly string Style = ReadStyle();

    public static (string Html, IReadOnlyList<Failure> Failures) Write(
        CollectionReport report, DateTimeOffset madeAt, IProgress<Progress>? progress, CancellationToken cancel)
    {
        var gallery = new Gallery(report.Images);
        var perBucket = TilesPerBucket(report);
        var heads = report.Heads.Select((head, h) => Head(head, h, gallery, perBucket)).ToList();
        var agreement = report.Pairs.Count > 0 ? Agreement(report, gallery) : "";
        var (pictures, failures) = gallery.Definitions(progress, cancel);
        var links = report.Heads.Select((head, h) => $"""<a href="#head{h}">{Html(head.Name)}</a>""").Concat(report.Pairs.Count > 0 ? ["""<a href="#agreement">Agreement</a>"""] : []);
        var policy = $"default-src 'none'; img-src data:; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; base-uri 'none'; form-action 'none'";
        var title = $"{Figure.Count(report.Images.Count)} image{(report.Images.Count == 1 ? "" : "s")}, {report.Heads.Count} head{(report.Heads.Count == 1 ? "" : "s")}";
        return ($"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="{policy}">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="generator" content="Tastemaker">
            <title>{title} · Tastemaker</title>
            <style>{Style}</style>
            </head>
            <body>
            <a class="unseen" href="#content">To the report</a>
            <header class="top"><a class="brand" href="#content">Tastemaker</a><nav aria-label="Sections">{string.Concat(links)}</nav></header>
            <main id="content" tabindex="-1">
            <header class="opening">
            <h1>{title}</h1>
            <p class="quiet">Described by <code>{Html(report.Encoder)}</code>. Made on {madeAt.ToString("d MMMM yyyy, HH:mm", CultureInfo.InvariantCulture)}. Scores are on each head’s own scale.</p>
            </header>
            {Overview(report)}
            {string.Join('\n', heads)}
            {agreement}
            </main>
            {pictures}
            <script type="application/json" id="figures">{ReportJson.Of(report, gallery.NameOf)}</script>
            </body>
            </html>

            """, failures);
    }

    private static string Overview(CollectionReport report)
    {
        var rows = report.Heads.Select((head, h) => $"""
            <tr><th scope="row"><a href="#head{h}">{Html(head.Name)}</a></th><td>{Figure.Score(head.Mean)}</td><td>{Figure.Score(head.Deviation)}</td><td>{Figure.Score(head.Lowest)}</td><td>{Figure.Score(head.Median)}</td><td>{Figure.Score(head.Highest)}</td><td>{string.Join("<br>", head.Thresholds.Select(t => $"{Figure.Count(t.Count)} from {Figure.Plain(t.At)}").DefaultIfEmpty("–"))}</td></tr>
            """);
        return $"""
            <div class="scroll"><table>
            <thead><tr><th scope="col">Head</th><th scope="col">Mean</th><th scope="col">Deviation</th><th scope="col">Lowest</th><th scope="col">Median</th><th scope="col">Highest</th><th scope="col">Kept</th></tr></thead>
            <tbody>{string.Concat(rows)}</tbody>
            </table></div>
            """;
    }

    private static string Head(HeadReport head, int number, Gallery gallery, int perBucket)
    {
        var all = head.Ranked.Count;
        string Score(int image) => Figure.Score(head.ScoreOf(image));
        var kept = head.Thresholds.Select(t => KeyFigure(
            $"From {Figure.Plain(t.At)}", Figure.Count(t.Count), $"{Figure.Share(t.Count, all)}{(t.IsRounded ? ", rounded to a tenth as SD-Chad does" : "")}"));
        return $"""
            <section class="head" id="head{number}" aria-labelledby="head{number}-name">
            <h2 id="head{number}-name">{Html(head.Name)}</h2>
            <div class="scroll">{DistributionChart.Draw(head, score => Address(number, BucketOf(head, score)))}</div>
            <dl class="key-figures">
            {KeyFigure("Mean", Figure.Score(head.Mean), $"median {Figure.Score(head.Median)}")}
            {KeyFigure("Deviation", Figure.Score(head.Deviation), $"{Figure.Score(head.Lowest)} to {Figure.Score(head.Highest)}")}
            {KeyFigure("Above 2 deviations", Figure.Count(head.Beyond.Two), $"{Figure.Share(head.Beyond.Two, all)}; 2.28 % of a normal distribution")}
            {KeyFigure("Above 3 deviations", Figure.Count(head.Beyond.Three), $"{Figure.Share(head.Beyond.Three, all)}; 0.13 % of a normal distribution")}
            {string.Concat(kept)}
            </dl>
            <div class="ends">
            <div><h3>Best</h3>{gallery.Tiles(gallery.Different(head.Ranked).Take(Ends), Score)}</div>
            <div><h3>Worst</h3>{gallery.Tiles(gallery.Different(head.Ranked.Skip(Ends).Reverse()).Take(Ends), Score)}</div>
            </div>
            <h3>Every bucket, from the best down</h3>
            {Wall(head, number, gallery, perBucket)}
            </section>
            """;
    }

    private static string Wall(HeadReport head, int number, Gallery gallery, int perBucket)
    {
        var most = head.Buckets.Max(b => b.Images.Count);
        var html = new StringBuilder("<ol class=\"wall\">");
        foreach (var (place, bucket) in head.Buckets.Index().Reverse().Where(b => b.Item.Images.Count > 0))
        {
            var count = bucket.Images.Count;
            html.Append(CultureInfo.InvariantCulture, $"""
                <li id="{Address(number, place)}" tabindex="-1"><div class="range"><b>{Range(bucket)}</b><span>{Figure.Count(count)} · {Figure.Share(count, head.Ranked.Count)}</span><svg viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true"><rect class="bar" width="{Axis.Text(100.0 * count / most)}" height="3"/></svg></div>
                {gallery.Tiles(Spread([.. gallery.Different(bucket.Images)], perBucket), image => Figure.Score(head.ScoreOf(image)))}</li>
                """);
        }

        return html.Append("</ol>").ToString();
    }

    private static string Agreement(CollectionReport report, Gallery gallery)
    {
        var pairs = report.Pairs.ToDictionary(pair => (pair.First, pair.Second));
        var rows = report.Heads.Select((head, row) => $"""
            <tr><th scope="row">{Html(head.Name)}</th>{string.Concat(report.Heads.Select((_, column) => Cell(row, column)))}</tr>
            """);
        var sections = report.Pairs.Select((pair, i) => Pair(report, pair, i, gallery));
        return $"""
            <section id="agreement" aria-labelledby="agreement-name">
            <h2 id="agreement-name">Agreement</h2>
            <p class="quiet">Pearson’s correlation of scores above the diagonal, Spearman’s of ranks below it.</p>
            <div class="scroll"><table class="matrix">
            <thead><tr><td></td>{string.Concat(report.Heads.Select(head => $"""<th scope="col">{Html(head.Name)}</th>"""))}</tr></thead>
            <tbody>{string.Concat(rows)}</tbody>
            </table></div>
            {string.Join('\n', sections)}
            </section>
            """;

        string Cell(int row, int column) => row == column ? "<td>·</td>"
            : row < column ? $"""<td><a href="#{Address(pairs[(row, column)])}">{Figure.Correlation(pairs[(row, column)].Pearson)}</a></td>"""
            : $"""<td><a href="#{Address(pairs[(column, row)])}">{Figure.Correlation(pairs[(column, row)].Spearman)}</a></td>""";
    }

    private static string Pair(CollectionReport report, HeadPair pair, int number, Gallery gallery)
    {
        var (first, second) = (report.Heads[pair.First], report.Heads[pair.Second]);
        string Scores(int image) => $"{Figure.Score(first.ScoreOf(image))} | {Figure.Score(second.ScoreOf(image))}";
        return $"""
            <section class="pair" id="{Address(pair)}" aria-labelledby="pair{number}-name">
            {ScatterChart.Draw(first, second, pair)}
            <div>
            <h3 id="pair{number}-name">{Html(first.Name)} and {Html(second.Name)}</h3>
            <p>Pearson <b>{Figure.Correlation(pair.Pearson)}</b>, Spearman <b>{Figure.Correlation(pair.Spearman)}</b></p>
            {Disagreement(first, second, pair.FirstOnly)}
            {Disagreement(second, first, pair.SecondOnly)}
            </div>
            </section>
            """;

        string Disagreement(HeadReport liked, HeadReport not, IReadOnlyList<int> images) => images.Count == 0 ? "" : $"""
            <h4>Ranked high by {Html(liked.Name)}, low by {Html(not.Name)}</h4>
            {gallery.Tiles(gallery.Different(images).Take(Apart), Scores)}
            """;
    }

    private static string KeyFigure(string name, string number, string note) =>
        $"""<div><dt>{name}</dt><dd class="big">{number}</dd><dd class="quiet">{note}</dd></div>""";

    private static string Range(ScoreBucket bucket) => $"{Edge(bucket.From)} – {Edge(bucket.To)}";

    private static string Edge(double edge) => Math.Abs(edge) < 1 ? Figure.Plain(Math.Round(edge, 4)) : Figure.Score(edge);

    private static string Address(int head, int bucket) => string.Create(CultureInfo.InvariantCulture, $"head{head}-{bucket}");

    private static string Address(HeadPair pair) => string.Create(CultureInfo.InvariantCulture, $"pair{pair.First}-{pair.Second}");

    /// <summary>The bucket with an image that is nearest to a score.</summary>
    private static int BucketOf(HeadReport head, double score) => head.Buckets.Index().Where(b => b.Item.Images.Count > 0)
        .MinBy(b => Math.Max(b.Item.From - score, score - b.Item.To)).Index;

    /// <summary>The most tiles a bucket may have so that those of all heads together stay within <see cref="MostTiles"/>.</summary>
    private static int TilesPerBucket(CollectionReport report)
    {
        int[] counts = [.. report.Heads.SelectMany(head => head.Buckets).Select(bucket => bucket.Images.Count)];
        return Enumerable.Range(1, MostInBucket).LastOrDefault(most => counts.Sum(count => Math.Min(count, most)) <= MostTiles, 1);
    }

    /// <summary>So many of them, as far from each other as they can be.</summary>
    private static IEnumerable<int> Spread(IReadOnlyList<int> images, int most) => images.Count <= most
        ? images
        : Enumerable.Range(0, most).Select(i => images[most == 1 ? 0 : (int)((long)i * (images.Count - 1) / (most - 1))]);

    private static string Html(string text) => WebUtility.HtmlEncode(text);

    private static string ReadStyle()
    {
        using var stream = typeof(ReportPage).Assembly.GetManifestResourceStream("Tastemaker.Core.Curation.Reports.report.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
