using System.Text;

namespace Tastemaker.Nets.Text;

/// <summary>A set of code points: a bit for each of the basic plane, and a predicate for those beyond it, null where none is in.</summary>
internal sealed class CharSet
{
    private readonly ulong[] _bits = new ulong[1024];
    private readonly Func<Rune, bool>? _beyond;

    private CharSet(Func<Rune, bool>? beyond) => _beyond = beyond;

    /// <summary>The characters of <paramref name="members"/>, where <c>a-z</c> is a range.</summary>
    public static CharSet Of(string members)
    {
        var set = new CharSet(beyond: null);
        for (var i = 0; i < members.Length; i++)
        {
            var first = members[i];
            if (i + 2 < members.Length && members[i + 1] == '-')
            {
                i += 2;
            }

            for (int c = first; c <= members[i]; c++)
            {
                set.Add(c);
            }
        }

        return set;
    }

    /// <summary>Every code point that satisfies the predicate; lone surrogates do not.</summary>
    public static CharSet Where(Func<Rune, bool> predicate)
    {
        var set = new CharSet(predicate);
        for (var c = 0; c <= char.MaxValue; c++)
        {
            if (Rune.IsValid(c) && predicate(new Rune(c)))
            {
                set.Add(c);
            }
        }

        return set;
    }

    public static CharSet operator |(CharSet a, CharSet b) => Combine(a, b, static (x, y) => x | y, (a._beyond, b._beyond) switch
    {
        (null, var other) => other,
        (var other, null) => other,
        var (x, y) => rune => x(rune) || y(rune),
    });

    /// <summary>The members of a without those of b, which has none beyond the basic plane.</summary>
    public static CharSet operator -(CharSet a, CharSet b) => Combine(a, b, static (x, y) => x & ~y, a._beyond);

    /// <summary>Everything but the members of a, which has none beyond the basic plane; lone surrogates are in.</summary>
    public static CharSet operator ~(CharSet a) => Combine(a, a, static (x, _) => ~x, static _ => true);

    public bool Contains(int codePoint) =>
        codePoint <= char.MaxValue ? (_bits[codePoint >> 6] >> (codePoint & 63) & 1) != 0 : _beyond?.Invoke(new Rune(codePoint)) == true;

    private static CharSet Combine(CharSet a, CharSet b, Func<ulong, ulong, ulong> bits, Func<Rune, bool>? beyond)
    {
        var set = new CharSet(beyond);
        for (var i = 0; i < set._bits.Length; i++)
        {
            set._bits[i] = bits(a._bits[i], b._bits[i]);
        }

        return set;
    }

    private void Add(int c) => _bits[c >> 6] |= 1UL << (c & 63);
}
