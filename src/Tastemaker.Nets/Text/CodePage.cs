using System.Collections.Frozen;

namespace Tastemaker.Nets.Text;

/// <summary>
/// A single-byte encoding. Byte strings are held as strings of characters up to U+00FF, one a byte.
/// A <em>sloppy</em> page reads its unassigned bytes as Latin-1 does, and keeps byte 1A for U+FFFD, a character already lost.
/// </summary>
internal sealed class CodePage
{
    public static readonly CodePage Latin1 = new(Enumerable.Range(0, 256).Select(b => (char)b), isSloppy: false);

    public static readonly CodePage Windows1252 = Read("cp1252", isSloppy: true);

    /// <summary>Those that mojibake is made of, the likeliest first.</summary>
    public static readonly IReadOnlyList<CodePage> Candidates =
    [
        Latin1,
        Windows1252,
        Read("cp1251", isSloppy: true),
        Read("cp1250", isSloppy: true),
        Read("cp1253", isSloppy: true),
        Read("cp1254", isSloppy: true),
        Read("cp1257", isSloppy: true),
        Read("iso8859_2", isSloppy: false),
        Read("mac_roman", isSloppy: false),
        Read("cp437", isSloppy: false),
    ];

    /// <summary>Whose every en dash before a space looks like a lost no-break space.</summary>
    public static readonly CodePage MacRoman = Candidates[8];

    private readonly char[] _characters;
    private readonly FrozenDictionary<char, char> _bytes;

    private CodePage(IEnumerable<char> characters, bool isSloppy)
    {
        _characters = [.. characters];
        IsSloppy = isSloppy;
        if (isSloppy)
        {
            _characters[0x1A] = '\uFFFD';
        }

        _bytes = _characters.Select((character, b) => KeyValuePair.Create(character, (char)b)).ToFrozenDictionary();
    }

    public bool IsSloppy { get; }

    public char this[int b] => _characters[b];

    /// <summary>The bytes that read as <paramref name="text"/>, or null where it has a character that the page lacks.</summary>
    public string? Encode(string text)
    {
        var bytes = new char[text.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            if (!_bytes.TryGetValue(text[i], out bytes[i]))
            {
                return null;
            }
        }

        return new string(bytes);
    }

    private static CodePage Read(string name, bool isSloppy)
    {
        var line = Tables.Lines("codepages.txt").Single(line => line.StartsWith($"{name} ", StringComparison.Ordinal));
        var upper = line.Split(' ')[1..].Select((character, i) => character == "-" ? (char)(128 + i) : (char)Tables.Hex(character));
        return new CodePage(Enumerable.Range(0, 128).Select(b => (char)b).Concat(upper), isSloppy);
    }
}
