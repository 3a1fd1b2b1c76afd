using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Tastemaker.Nets.Text;

namespace Tastemaker.Nets.Clip;

/// <summary>
/// Text to CLIP's tokens and back, token for token what the reference makes of it. Safe for many threads at once.
/// Follows <c>SimpleTokenizer</c> and <c>tokenize</c> in openai/CLIP, clip/simple_tokenizer.py and clip/clip.py, with ftfy 6.3.1.
/// </summary>
public sealed class ClipTokenizer
{
    private const int MostRemembered = 16384;
    private const int LongestRemembered = 32;

    /// <summary>Words whatever follows them: the special tokens, and English endings after an apostrophe.</summary>
    private static readonly string[] Fixed = [ClipVocabulary.Start, ClipVocabulary.End, "'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    private readonly BytePairs _pairs;
    private readonly string?[] _spellings;
    private readonly ConcurrentDictionary<string, int[]> _remembered = new(StringComparer.Ordinal);
    private int _rememberedCount;

    private ClipTokenizer(ClipVocabulary vocabulary)
    {
        _pairs = new BytePairs(vocabulary);
        StartToken = vocabulary.Require(ClipVocabulary.Start);
        EndToken = vocabulary.Require(ClipVocabulary.End);
        _spellings = new string?[vocabulary.Tokens.Values.Max() + 1];
        foreach (var (spelling, id) in vocabulary.Tokens)
        {
            _spellings[id] = spelling;
        }
    }

    /// <summary>49406 in the published vocabulary.</summary>
    public int StartToken { get; }

    /// <summary>49407 in the published vocabulary.</summary>
    public int EndToken { get; }

    /// <summary>One more than the highest id: the rows that an embedding of these tokens has.</summary>
    public int VocabularySize => _spellings.Length;

    /// <param name="gzip">OpenAI's <c>bpe_simple_vocab_16e6.txt.gz</c>, or a shorter file of its form.</param>
    /// <exception cref="TokenizerException">The bytes are no such file.</exception>
    public static ClipTokenizer FromBpe(ReadOnlyMemory<byte> gzip) => new(ClipVocabulary.FromBpe(gzip));

    /// <param name="vocabJson">Hugging Face's <c>vocab.json</c>: ids by token.</param>
    /// <param name="mergesText">Its <c>merges.txt</c>.</param>
    /// <exception cref="TokenizerException">The texts are no such files.</exception>
    public static ClipTokenizer FromVocab(string vocabJson, string mergesText) => new(ClipVocabulary.FromVocab(vocabJson, mergesText));

    /// <summary>
    /// What the tokenizer reads in place of <paramref name="text"/>: repaired (see <c>TextRepair</c>), HTML entities replaced,
    /// white space collapsed, in lower case.
    /// </summary>
    public static string Clean(string text)
    {
        var repaired = HtmlEntities.Unescape(HtmlEntities.Unescape(TextRepair.Fix(text)));
        return LetterCase.ToLower(CollapseWhiteSpace(repaired));
    }

    /// <summary>The tokens of the text alone, without start and end.</summary>
    public int[] Encode(string text)
    {
        var clean = Clean(text);
        var tokens = new List<int>(clean.Length / 4 + 1);
        for (var at = 0; at < clean.Length;)
        {
            var length = WordAt(clean.AsSpan(at));
            if (length == 0)
            {
                at++;
            }
            else
            {
                tokens.AddRange(EncodeWord(clean.AsSpan(at, length)));
                at += length;
            }
        }

        return [.. tokens];
    }

    /// <summary>The row of ids that a text tower takes.</summary>
    /// <returns>[window.Length]</returns>
    /// <exception cref="TokenizerException">The text is too long, and the window does not truncate.</exception>
    public long[] Window(string text, TokenWindow window) => Window(Encode(text), window);

    /// <summary>The same for tokens at hand, without their start and end.</summary>
    public long[] Window(ReadOnlySpan<int> tokens, TokenWindow window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window.Length, 2);
        var room = window.Length - 2;
        if (tokens.Length > room && window.Overflow == TokenOverflow.Throw)
        {
            throw new TokenizerException(
                $"the text takes {tokens.Length + 2} tokens, start and end included; {window.Length} are wanted at most. Shorten it.",
                tokens.Length + 2);
        }

        var kept = tokens[..Math.Min(tokens.Length, room)];
        var row = new long[window.Length];
        row[0] = StartToken;
        for (var i = 0; i < kept.Length; i++)
        {
            row[i + 1] = kept[i];
        }

        row[kept.Length + 1] = EndToken;
        row.AsSpan(kept.Length + 2).Fill(window.Padding == TokenPadding.EndToken ? EndToken : 0);
        return row;
    }

    /// <summary>The text that tokens spell, for display; bytes that are no UTF-8 show as U+FFFD.</summary>
    public string Decode(ReadOnlySpan<int> tokens)
    {
        var letters = new StringBuilder();
        foreach (var token in tokens)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(token);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(token, VocabularySize);
            var spelling = _spellings[token] ?? "";
            var endsWord = spelling.EndsWith(ClipVocabulary.WordEnd, StringComparison.Ordinal);
            letters.Append(endsWord ? spelling[..^ClipVocabulary.WordEnd.Length] : spelling).Append(endsWord ? " " : "");
        }

        return Encoding.UTF8.GetString([.. letters.ToString().Select(ByteOf)]).TrimEnd(' ');
    }

    private ReadOnlySpan<int> EncodeWord(ReadOnlySpan<char> word)
    {
        if (word.SequenceEqual(ClipVocabulary.Start))
        {
            return new[] { StartToken };
        }

        if (word.SequenceEqual(ClipVocabulary.End))
        {
            return new[] { EndToken };
        }

        if (_remembered.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(word, out var tokens))
        {
            return tokens;
        }

        var utf8 = new byte[Encoding.UTF8.GetByteCount(word)];
        Encoding.UTF8.GetBytes(word, utf8);
        tokens = _pairs.Encode(utf8);
        if (word.Length <= LongestRemembered && Interlocked.Increment(ref _rememberedCount) <= MostRemembered)
        {
            _remembered.TryAdd(word.ToString(), tokens);
        }

        return tokens;
    }

    /// <summary>
    /// The length of the word at the start: a special token, an ending, letters, one number, or anything else up to white space;
    /// 0 at white space. The reference matches regardless of case, which lower case leaves to one letter: ſ is an s.
    /// </summary>
    private static int WordAt(ReadOnlySpan<char> text)
    {
        foreach (var word in Fixed)
        {
            if (StartsWith(text, word))
            {
                return word.Length;
            }
        }

        Rune.DecodeFromUtf16(text, out var first, out var length);
        var kind = KindOf(first);
        if (kind == Kind.Space)
        {
            return 0;
        }

        while (kind != Kind.Number && length < text.Length)
        {
            Rune.DecodeFromUtf16(text[length..], out var next, out var units);
            if (KindOf(next) != kind)
            {
                break;
            }

            length += units;
        }

        return length;
    }

    private static bool StartsWith(ReadOnlySpan<char> text, string word)
    {
        if (text.Length < word.Length || text[0] != word[0])
        {
            return false;
        }

        for (var i = 1; i < word.Length; i++)
        {
            if ((text[i] == 'ſ' ? 's' : text[i]) != word[i])
            {
                return false;
            }
        }

        return true;
    }

    private enum Kind
    {
        Letter,
        Number,
        Space,
        Other,
    }

    /// <summary>By the Unicode version of .NET; the reference's is 15, so it may split letters that are newer.</summary>
    private static Kind KindOf(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.OtherLetter => Kind.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
        _ => Rune.IsWhiteSpace(rune) ? Kind.Space : Kind.Other,
    };

    private static string CollapseWhiteSpace(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (!char.IsWhiteSpace(c))
            {
                result.Append(c);
            }
            else if (result.Length > 0 && result[^1] != ' ')
            {
                result.Append(' ');
            }
        }

        return result.ToString().TrimEnd(' ');
    }

    /// <summary>The byte a letter stands for; a space for what is not of the alphabet, as between words.</summary>
    private static byte ByteOf(char letter) =>
        ClipVocabulary.Alphabet.IndexOf(letter, StringComparison.Ordinal) is >= 0 and var b ? (byte)b : (byte)' ';
}
