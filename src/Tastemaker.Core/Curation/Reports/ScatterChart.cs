using System.Globalization;
using System.Net;
using System.Text;

namespace Tastemaker.Core.Curation.Reports;

/// <summary>Every image under two heads: a dot each, or for thousands of them how many there are in each cell of a grid.</summary>
internal static class ScatterChart
{
    private const double Width = 420, Height = 400, Left = 44, Right = 12, Top = 12, Bottom = 44;

    /// <summary>Of more images the dots would cover each other.</summary>
    private const int MostDots = 1500;

    private const int Cells = 56;

    /// <summary>Shades, each for twice as many images in a cell.</summary>
    private const int Shades = 7;

    public static string Draw(HeadReport first, HeadReport second, HeadPair pair)
    {
        var across = Span(first, Left, Width - Right);
        var up = Span(second, Height - Bottom, Top);
        var svg = new StringBuilder(Text(
            $"""<svg class="chart scatter" viewBox="0 0 {Width} {Height}" role="img" aria-label="{WebUtility.HtmlEncode(first.Name)} across, {WebUtility.HtmlEncode(second.Name)} upwards, {first.Ranked.Count} images.">"""));
        foreach (var tick in up.Ticks(6))
        {
            svg.Append(Text($"""<path class="grid" d="M{Left} {up.Place(tick)}H{Width - Right}"/><text class="end" x="{Left - 8}" y="{Axis.Text(up.At(tick) + 4)}">{Figure.Plain(tick)}</text>"""));
        }

        foreach (var tick in across.Ticks(7))
        {
            svg.Append(Text($"""<text class="middle" x="{across.Place(tick)}" y="{Height - 26}">{Figure.Plain(tick)}</text>"""));
        }

        svg.Append(Text($"""<text class="end named" x="{Width - Right}" y="{Height - 6}">{WebUtility.HtmlEncode(first.Name)} →</text>"""));
        svg.Append(Text($"""<text class="named" x="{Left}" y="{Top - 1}">↑ {WebUtility.HtmlEncode(second.Name)}</text>"""));
        var points = first.Ranked.Select(i => (X: across.At(first.ScoreOf(i)), Y: up.At(second.ScoreOf(i)))).ToList();
        svg.Append(points.Count <= MostDots ? Dots(points) : Grid(points));
        foreach (var image in pair.FirstOnly.Take(ReportPage.Apart).Concat(pair.SecondOnly.Take(ReportPage.Apart)))
        {
            svg.Append(Text($"""<circle class="apart" cx="{across.Place(first.ScoreOf(image))}" cy="{up.Place(second.ScoreOf(image))}" r="5"/>"""));
        }

        return svg.Append("</svg>").ToString();
    }

    // A line of no length with round ends is a dot.
    private static string Dots(List<(double X, double Y)> points)
    {
        var path = new StringBuilder("<path class=\"dots\" d=\"");
        foreach (var (x, y) in points)
        {
            path.Append('M').Append(Axis.Text(x)).Append(' ').Append(Axis.Text(y)).Append("h0");
        }

        return path.Append("\"/>").ToString();
    }

    private static string Grid(List<(double X, double Y)> points)
    {
        var (width, height) = ((Width - Left - Right) / Cells, (Height - Top - Bottom) / Cells);
        var counts = points.CountBy(p => (
            X: Math.Min((int)((p.X - Left) / width), Cells - 1), Y: Math.Min((int)((p.Y - Top) / height), Cells - 1)));
        var shades = counts.ToLookup(c => Math.Min(int.Log2(c.Value), Shades - 1), c => c.Key);
        var svg = new StringBuilder();
        foreach (var shade in shades.OrderBy(s => s.Key))
        {
            var cells = string.Concat(shade.Select(c => Text($"M{Axis.Text(Left + (c.X * width))} {Axis.Text(Top + (c.Y * height))}h{width:0.##}v{height:0.##}h-{width:0.##}z")));
            svg.Append(Text($"""<path class="shade" opacity="{(shade.Key + 2.0) / (Shades + 1):0.##}" d="{cells}"/>"""));
        }

        return svg.ToString();
    }

    private static Axis Span(HeadReport head, double start, double end)
    {
        var margin = Math.Max((head.Highest - head.Lowest) * 0.03, Math.Max(Math.Abs(head.Highest), 1) * 1e-3);
        return new(head.Lowest - margin, head.Highest + margin, start, end);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
