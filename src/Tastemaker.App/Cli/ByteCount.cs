using System.Globalization;

namespace Tastemaker.App.Cli;

/// <summary>A number of bytes as people read it.</summary>
internal static class ByteCount
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB"];

    public static string Text(long count)
    {
        var power = 0;
        double value = count;
        for (; value >= 1000 && power < Units.Length - 1; power++)
        {
            value /= 1000;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {Units[power]}");
    }
}
