using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Tastemaker.Nets.Text;

/// <summary>
/// Normalization form C (Unicode Standard Annex 15), from the program's own tables: .NET normalizes nothing beyond ASCII
/// where globalization is invariant.
/// </summary>
internal static class Normalization
{
    // Hangul syllables are arithmetic: The Unicode Standard, section 3.12.
    private const int SyllableBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7;
    private const int LeadCount = 19, VowelCount = 21, TailCount = 28, SyllableCount = LeadCount * VowelCount * TailCount;

    /// <summary>Below it nothing combines and nothing decomposes to what does not compose again.</summary>
    private const char FirstCombining = '\u0300';

    private static readonly FrozenDictionary<int, int> Classes = ReadClasses();
    private static readonly FrozenDictionary<int, int[]> Decompositions = ReadDecompositions();
    private static readonly FrozenDictionary<long, int> Compositions = ReadPairs()
        .ToFrozenDictionary(pair => Pair(pair.Parts[0], pair.Parts[1]), pair => pair.Whole);

    /// <summary>What form C may change or join to what precedes; a text without any is in form C.</summary>
    private static readonly CharSet Unstable = ReadUnstable();

    public static string ToNfc(string text) => IsStable(text) ? text : Compose(Decompose(text));

    private static bool IsStable(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange(FirstCombining, char.MaxValue))
        {
            return true;
        }

        foreach (var rune in text.EnumerateRunes())
        {
            if (Unstable.Contains(rune.Value))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Code points in canonical order; a lone surrogate stays one.</summary>
    private static List<int> Decompose(string text)
    {
        var points = new List<int>(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            var paired = char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]);
            Decompose(paired ? char.ConvertToUtf32(text[at], text[++at]) : text[at], points);
        }

        var runStart = 0;
        for (var i = 0; i <= points.Count; i++)
        {
            if (i == points.Count || ClassOf(points[i]) == 0)
            {
                Order(points, runStart, i);
                runStart = i + 1;
            }
        }

        return points;
    }

    private static void Decompose(int point, List<int> into)
    {
        var syllable = point - SyllableBase;
        if (syllable is >= 0 and < SyllableCount)
        {
            into.Add(LeadBase + syllable / (VowelCount * TailCount));
            into.Add(VowelBase + syllable % (VowelCount * TailCount) / TailCount);
            if (syllable % TailCount != 0)
            {
                into.Add(TailBase + syllable % TailCount);
            }
        }
        else if (point < 0xC0 || !Decompositions.TryGetValue(point, out var parts))
        {
            into.Add(point);
        }
        else
        {
            foreach (var part in parts)
            {
                Decompose(part, into);
            }
        }
    }

    /// <summary>Sorts the marks from <paramref name="start"/> to <paramref name="end"/> by class, those of one class as they came.</summary>
    private static void Order(List<int> points, int start, int end)
    {
        if (end - start > 1)
        {
            var ordered = points.GetRange(start, end - start).OrderBy(ClassOf).ToList();
            for (var i = start; i < end; i++)
            {
                points[i] = ordered[i - start];
            }
        }
    }

    private static string Compose(List<int> points)
    {
        var result = new List<int>(points.Count);
        var starter = -1;
        var lastClass = 0;
        foreach (var point in points)
        {
            var @class = ClassOf(point);

            // A mark is blocked by one of its own class or higher since the starter, and a starter by any mark.
            var isAdjacent = starter == result.Count - 1;
            if (starter >= 0 && (isAdjacent || lastClass < @class) && Composite(result[starter], point) is { } composite)
            {
                result[starter] = composite;
                continue;
            }

            if (@class == 0)
            {
                starter = result.Count;
            }

            lastClass = @class;
            result.Add(point);
        }

        var text = new StringBuilder(result.Count);
        foreach (var point in result)
        {
            _ = Rune.TryCreate(point, out var rune) ? text.Append(rune.ToString()) : text.Append((char)point);
        }

        return text.ToString();
    }

    private static int? Composite(int first, int second)
    {
        if (first - LeadBase is >= 0 and < LeadCount && second - VowelBase is >= 0 and < VowelCount)
        {
            return SyllableBase + ((first - LeadBase) * VowelCount + second - VowelBase) * TailCount;
        }

        if (first - SyllableBase is >= 0 and < SyllableCount && (first - SyllableBase) % TailCount == 0
            && second - TailBase is > 0 and < TailCount)
        {
            return first + second - TailBase;
        }

        return Compositions.TryGetValue(Pair(first, second), out var composite) ? composite : null;
    }

    private static int ClassOf(int point) => point < FirstCombining ? 0 : Classes.GetValueOrDefault(point);

    private static long Pair(int first, int second) => (long)first << 32 | (uint)second;

    private static CharSet ReadUnstable()
    {
        var seconds = ReadPairs().Select(pair => pair.Parts[1]).ToFrozenSet();
        var singles = Mappings("singles").Select(single => single.Whole).ToFrozenSet();
        return CharSet.Where(rune => ClassOf(rune.Value) != 0 || seconds.Contains(rune.Value) || singles.Contains(rune.Value)
            || rune.Value is >= VowelBase and < TailBase + TailCount);
    }

    private static FrozenDictionary<int, int> ReadClasses() =>
        Tables.Section("unicode.txt", "classes").Select(line => line.Split(' '))
            .Select(run => (First: Tables.Hex(run[0]), Last: Tables.Hex(run[1]), Class: int.Parse(run[2], CultureInfo.InvariantCulture)))
            .SelectMany(run => Enumerable.Range(run.First, run.Last - run.First + 1), (run, point) => (point, run.Class))
            .ToFrozenDictionary(entry => entry.point, entry => entry.Class);

    private static FrozenDictionary<int, int[]> ReadDecompositions() =>
        ReadPairs().Concat(Mappings("singles")).ToFrozenDictionary(mapping => mapping.Whole, mapping => mapping.Parts);

    private static IEnumerable<(int Whole, int[] Parts)> ReadPairs() => Mappings("pairs");

    private static IEnumerable<(int Whole, int[] Parts)> Mappings(string section) =>
        Tables.Section("unicode.txt", section).Select(line => line.Split(' '))
            .Select(points => (Tables.Hex(points[0]), points[1..].Select(Tables.Hex).ToArray()));
}
