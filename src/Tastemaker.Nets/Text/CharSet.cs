using System.Text;

namespace Tastemaker.Nets.Text;

/// <summary>A set of code points: a bit for each of the basic plane, a predicate for those beyond it.</summary>
internal sealed class CharSet
{
    private readonly ulong[] _bits = new ulong[1024];
    private readonly Func<Rune, bool> _beyond;

    private CharSet(Func<Rune, bool> beyond) => _beyond = beyond;

    /// <summary>The characters of <paramref name="members"/>, where <c>a-z</c> is a range.</summary>
    public static CharSet Of(string members)
    {
        var set = new CharSet(static _ => false);
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

    public static CharSet operator |(CharSet a, CharSet b) => Combine(a, b, static (x, y) => x | y, r => a._beyond(r) || b._beyond(r));

    public static CharSet operator -(CharSet a, CharSet b) => Combine(a, b, static (x, y) => x & ~y, r => a._beyond(r) && !b._beyond(r));

    /// <summary>Everything else, lone surrogates included.</summary>
    public static CharSet operator ~(CharSet a) => Combine(a, a, static (x, _) => ~x, r => !a._beyond(r));

    public bool Contains(int codePoint) =>
        codePoint <= char.MaxValue ? (_bits[codePoint >> 6] >> (codePoint & 63) & 1) != 0 : _beyond(new Rune(codePoint));

    private static CharSet Combine(CharSet a, CharSet b, Func<ulong, ulong, ulong> bits, Func<Rune, bool> beyond)
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
