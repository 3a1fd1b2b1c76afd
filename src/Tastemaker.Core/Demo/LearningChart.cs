using System.Globalization;
using System.Text;

namespace Tastemaker.Core.Demo;

/// <summary>The learning curve as an SVG drawing: agreement on choices that were kept out, against the number of choices learned from.</summary>
internal static class LearningChart
{
    private const double Width = 720;
    private const double Height = 330;
    private const double Left = 52;
    private const double Right = 168;
    private const double Top = 18;
    private const double Bottom = 46;
    private const double Low = 0.4;
    private const double High = 0.9;

    public static string Draw(Study study)
    {
        var most = study.Learned;
        var svg = new StringBuilder(Invariant(
            $"""<svg class="chart" viewBox="0 0 {Width} {Height}" role="img" aria-label="Agreement on kept-out choices rises with the number of choices learned from.">"""));
        for (var percent = 40; percent <= 90; percent += 10)
        {
            svg.AppendLine(Invariant(
                $"""<line class="grid" x1="{Left}" x2="{Width - Right}" y1="{Y(percent / 100.0)}" y2="{Y(percent / 100.0)}"/><text class="tick" x="{Left - 10}" y="{Y(percent / 100.0) + 4}" text-anchor="end">{percent} %</text>"""));
        }

        AppendReference(svg, study.Ceiling, "their own true order");
        AppendReference(svg, SimulatedPerson.Repeatability, "the person, asked again");
        AppendReference(svg, 0.5, "chance");
        AppendCurve(svg, study, most);
        svg.AppendLine(Invariant(
            $"""<text class="tick" x="{(Left + Width - Right) / 2}" y="{Height - 6}" text-anchor="middle">choices learned from</text>"""));
        return svg.Append("</svg>").ToString();
    }

    private static void AppendReference(StringBuilder svg, double level, string label) =>
        svg.AppendLine(Invariant(
            $"""<line class="reference" x1="{Left}" x2="{Width - Right}" y1="{Y(level)}" y2="{Y(level)}"/><text class="label" x="{Width - Right + 12}" y="{Y(level) + 4}">{label}</text>"""));

    private static void AppendCurve(StringBuilder svg, Study study, int most)
    {
        var line = string.Join(' ', study.Curve.Select(p => Invariant($"{X(p.Choices, most):0.#},{Y(p.Expected):0.#}")));
        svg.AppendLine(Invariant($"""<polyline class="curve" points="{line}"/>"""));
        foreach (var point in study.Curve)
        {
            var x = X(point.Choices, most);
            svg.AppendLine(Invariant(
                $"""<line class="whisker" x1="{x:0.#}" x2="{x:0.#}" y1="{Y(point.HeldOut.Low):0.#}" y2="{Y(point.HeldOut.High):0.#}"/><circle class="dot" cx="{x:0.#}" cy="{Y(point.HeldOut.Rate):0.#}" r="4.5"><title>{point.Choices} choices: {100 * point.HeldOut.Rate:0.0} % of {point.HeldOut.Of} ({100 * point.HeldOut.Low:0}–{100 * point.HeldOut.High:0} %)</title></circle><text class="tick" x="{x:0.#}" y="{Height - Bottom + 20}" text-anchor="middle">{point.Choices}</text>"""));
        }
    }

    private static double X(int choices, int most) => Left + 18 + ((Width - Left - Right - 36) * Math.Sqrt(choices / (double)most));

    private static double Y(double agreement) => Height - Bottom - ((Height - Top - Bottom) * (Math.Clamp(agreement, Low, High) - Low) / (High - Low));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
