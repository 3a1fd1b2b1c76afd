using System.Globalization;

namespace Tastemaker.Nets.Weights;

internal static class PickleText
{
    /// <summary>A plain value as text; null for anything else.</summary>
    public static string? Of(object? value) => value switch
    {
        string text => text,
        bool flag => flag ? "True" : "False",
        IFormattable number and (long or double or System.Numerics.BigInteger) => number.ToString("R", CultureInfo.InvariantCulture),
        PickledName name => name.Full,
        _ => null,
    };
}
