using System.Globalization;

namespace Tastemaker.Core.Curation;

public enum ChadVerdict
{
    Trash,
    Chad,
}

/// <summary>SD-Chad's way with scores and names, to the letter. Follows <c>chad_scorer.py</c> in grexzen/SD-Chad.</summary>
public static class Chad
{
    /// <summary>The threshold that SD-Chad sets for ASV2, and ours for heads it does not know.</summary>
    public const double Threshold = 6.9;

    /// <summary>The threshold that SD-Chad sets for its own head, CSV1 (<c>chadscorer.pth</c>).</summary>
    public const double Csv1Threshold = 7.7;

    private const int MantissaBits = 52;
    private const int ExponentOfUnit = 1075; // The bias 1023 and the 52 bits of the mantissa.

    /// <summary>Python's <c>round(score, 1)</c>: the exact value of the double goes to the nearer tenth, a tie to the even one.</summary>
    public static double Round(double score)
    {
        var bits = BitConverter.DoubleToUInt64Bits(score);
        var exponent = (int)((bits >> MantissaBits) & 0x7FF);
        var shift = ExponentOfUnit - exponent;
        if (shift <= 3)
        {
            return score; // Doubles lie 1/8 or more apart here, so the nearest to any tenth is itself; or infinite, or not a number.
        }

        if (shift > 62)
        {
            return double.CopySign(0, score); // Less than 1/512.
        }

        // score = mantissa / 2^shift; ten times that fits 57 bits.
        var tenfold = ((bits & ((1UL << MantissaBits) - 1)) | (1UL << MantissaBits)) * 10;
        var tenths = tenfold >> shift;
        var rest = tenfold & ((1UL << shift) - 1);
        var half = 1UL << (shift - 1);
        if (rest > half || (rest == half && (tenths & 1) == 1))
        {
            tenths++;
        }

        return double.CopySign(tenths / 10.0, score);
    }

    /// <summary>The rounded score decides, so that 6.86 is as good as 6.9.</summary>
    public static ChadVerdict Verdict(double score, double threshold = Threshold) =>
        Round(score) >= threshold ? ChadVerdict.Chad : ChadVerdict.Trash;

    /// <summary>The name under which the web UI of that time saved: <c>00012-1234--Chad--6.9.png</c>.</summary>
    /// <param name="seedOrStem">The seed, or for a file that has none its name without extension.</param>
    /// <param name="extension">With its dot.</param>
    public static string Name(long sequence, string seedOrStem, double score, string extension) =>
        string.Create(CultureInfo.InvariantCulture, $"{sequence:00000}-{seedOrStem}--Chad--{Round(score):0.0}{extension}");

    /// <summary>One more than the largest number before the first <c>-</c> of a name in the folder; 0 where there is none.</summary>
    public static long NextSequence(string folder) => !Directory.Exists(folder) ? 0 : 1 + Directory.EnumerateFileSystemEntries(folder)
        .Select(entry => Path.GetFileNameWithoutExtension(entry).Split('-')[0])
        .Select(start => long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < long.MaxValue ? number : -1)
        .DefaultIfEmpty(-1)
        .Max();
}
