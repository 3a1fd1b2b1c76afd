using System.Globalization;

namespace Tastemaker.Core.Data.Prompts;

/// <summary>Numbers from one to another, both included.</summary>
public readonly record struct NumberRange(double Low, double High)
{
    private const string Between = "..";

    public bool Holds(double? number) => number >= Low && number <= High;

    /// <summary>Reads <c>512</c>, <c>20..50</c>, <c>20..</c> or <c>..50</c>.</summary>
    /// <exception cref="FormatException">It is none of these.</exception>
    public static NumberRange Parse(string text)
    {
        var at = text.IndexOf(Between, StringComparison.Ordinal);
        var (low, high) = at < 0 ? (text, text) : (text[..at], text[(at + Between.Length)..]);
        var range = new NumberRange(Number(low, double.NegativeInfinity), Number(high, double.PositiveInfinity));
        return text != Between && text.Length > 0 && range.Low <= range.High ? range : throw Wrong(text);

        double Number(string part, double open) => part.Length == 0 ? open
            : double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number
            : throw Wrong(text);
    }

    private static FormatException Wrong(string text) => new($"'{text}' is no number and no range. Write 50, 20..50, 20.. or ..50.");
}
