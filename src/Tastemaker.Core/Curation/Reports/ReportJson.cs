using System.Text.Json;
using Tastemaker.Core.Taste;

namespace Tastemaker.Core.Curation.Reports;

/// <summary>The figures of a report for programs.</summary>
internal static class ReportJson
{
    private const int Ends = 24;

    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web); // Escapes what could end a script element.

    public static string Of(CollectionReport report, Func<Scored, string> name) => JsonSerializer.Serialize(
        new
        {
            images = report.Images.Count,
            encoder = report.Encoder,
            heads = report.Heads.Select(head => new
            {
                name = head.Name,
                mean = head.Mean,
                deviation = head.Deviation,
                median = head.Median,
                lowest = head.Lowest,
                highest = head.Highest,
                above2Deviations = head.Beyond.Two,
                above3Deviations = head.Beyond.Three,
                thresholds = head.Thresholds.Select(t => new { at = t.At, rounded = t.IsRounded, count = t.Count, share = Share(t.Count, report) }),
                buckets = head.Buckets.Select(b => new { from = b.From, to = b.To, count = b.Images.Count, share = Share(b.Images.Count, report) }),
                best = head.Ranked.Take(Ends).Select(i => new { path = name(report.Images[i]), raw = head.ScoreOf(i) }),
                worst = head.Ranked.Reverse().Take(Ends).Select(i => new { path = name(report.Images[i]), raw = head.ScoreOf(i) }),
            }),
            pairs = report.Pairs.Select(pair => new
            {
                first = report.Heads[pair.First].Name,
                second = report.Heads[pair.Second].Name,
                pearson = pair.Pearson,
                spearman = pair.Spearman,
                firstOnly = pair.FirstOnly.Select(i => Of(report, pair, i, name)),
                secondOnly = pair.SecondOnly.Select(i => Of(report, pair, i, name)),
            }),
        }, Web);

    private static object Of(CollectionReport report, HeadPair pair, int image, Func<Scored, string> name) => new
    {
        path = name(report.Images[image]),
        first = report.Heads[pair.First].ScoreOf(image),
        second = report.Heads[pair.Second].ScoreOf(image),
    };

    private static double Share(int count, CollectionReport report) => (double)count / report.Images.Count;
}
