using System.Globalization;
using System.Net;
using System.Text;

namespace Tastemaker.Core.Curation.Reports;

/// <summary>How many images have which score, with the mean, 2 and 3 deviations around it, and the thresholds in use.</summary>
internal static class DistributionChart
{
    private const double Width = 1120, Height = 300, Left = 44, Right = 16, Top = 56, Bottom = 34;

    private const double LabelWidth = 88;

    /// <param name="bucket">The address of the bucket that a score is in.</param>
    public static string Draw(HeadReport head, Func<double, string> bucket)
    {
        var edges = ScoreBucket.BarEdges(head.Lowest, head.Highest);
        var counts = new int[edges.Length - 1];
        foreach (var image in head.Ranked)
        {
            counts[ScoreBucket.IndexOf(edges, head.ScoreOf(image))]++;
        }

        // Lines that are far from every score would press the bars into a corner.
        var reach = edges[^1] - edges[0];
        var lines = Lines(head).Where(line => line.At > edges[0] - reach && line.At < edges[^1] + reach).ToList();
        var across = new Axis(Math.Min(edges[0], lines.Min(l => l.At)), Math.Max(edges[^1], lines.Max(l => l.At)), Left, Width - Right);
        var up = new Axis(0, counts.Max(), Height - Bottom, Top);

        var svg = new StringBuilder(Text(
            $"""<svg class="chart wide" viewBox="0 0 {Width} {Height}" role="group" aria-label="{head.Ranked.Count} scores of {WebUtility.HtmlEncode(head.Name)} from {Figure.Score(head.Lowest)} to {Figure.Score(head.Highest)}, mean {Figure.Score(head.Mean)}, deviation {Figure.Score(head.Deviation)}.">"""));
        foreach (var tick in up.Ticks(4))
        {
            svg.Append(Text($"""<path class="grid" d="M{Left} {up.Place(tick)}H{Width - Right}"/><text class="end" x="{Left - 8}" y="{Axis.Text(up.At(tick) + 4)}">{tick:0.##}</text>"""));
        }

        foreach (var tick in across.Ticks(14))
        {
            svg.Append(Text($"""<text class="middle" x="{across.Place(tick)}" y="{Height - 10}">{Figure.Plain(tick)}</text>"""));
        }

        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] > 0)
            {
                var (x, width) = (across.At(edges[i]) + 0.5, Math.Max(1, across.At(edges[i + 1]) - across.At(edges[i]) - 1));
                svg.Append(Text($"""<a href="#{bucket((edges[i] + edges[i + 1]) / 2)}"><rect class="bar" x="{Axis.Text(x)}" width="{Axis.Text(width)}" y="{up.Place(counts[i])}" height="{Axis.Text(up.At(0) - up.At(counts[i]))}"><title>{Figure.Plain(edges[i])} to {Figure.Plain(edges[i + 1])}: {counts[i]}</title></rect></a>"""));
            }
        }

        return AppendLines(svg, lines, across).Append("</svg>").ToString();
    }

    /// <summary>Labels in two rows, and in the second only where the first is taken.</summary>
    private static StringBuilder AppendLines(StringBuilder svg, List<Line> lines, Axis across)
    {
        Span<double> free = [double.NegativeInfinity, double.NegativeInfinity, double.NegativeInfinity];
        foreach (var line in lines.OrderBy(l => l.At))
        {
            var x = across.At(line.At);
            var row = x - free[0] >= LabelWidth ? 0 : x - free[1] >= LabelWidth ? 1 : 2;
            free[row] = x;
            var (anchor, shift) = x > Width - LabelWidth ? ("end", -4) : ("start", 4);
            svg.Append(Text($"""<path class="{line.Kind}" d="M{Axis.Text(x)} {4 + (16 * row)}V{Height - Bottom}"/><text class="{anchor} {line.Kind}" x="{Axis.Text(x + shift)}" y="{14 + (16 * row)}">{line.Label}</text>"""));
        }

        return svg;
    }

    private static IEnumerable<Line> Lines(HeadReport head)
    {
        yield return new(head.Mean, "mean", $"mean {Figure.Score(head.Mean)}");
        if (head.Deviation > 0)
        {
            foreach (var (deviations, words) in ((int, string)[])[(-3, "−3 σ"), (-2, "−2 σ"), (2, "2 σ"), (3, "3 σ")])
            {
                var at = head.Mean + (deviations * head.Deviation);
                yield return new(at, "sigma", $"{words} {Figure.Score(at)}");
            }
        }

        foreach (var threshold in head.Thresholds)
        {
            yield return new(threshold.At, "threshold", $"keep {Figure.Plain(threshold.At)}");
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record Line(double At, string Kind, string Label);
}
