using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Tastemaker.Nets.Clip;

/// <summary>
/// The tokens of CLIP by their spelling, and the merges that make them. A token is spelled in an alphabet of 256 printable characters,
/// one a byte (GPT-2's), and ends in <c>&lt;/w&gt;</c> where it ends a word.
/// </summary>
/// <param name="Merges">Pairs of spellings, the first merged first.</param>
internal sealed record ClipVocabulary(IReadOnlyDictionary<string, int> Tokens, IReadOnlyList<(string Left, string Right)> Merges)
{
    public const string Start = "<|startoftext|>";
    public const string End = "<|endoftext|>";
    public const string WordEnd = "</w>";

    /// <summary>Of OpenAI's file only so many lines are used: 49152 less 256 bytes, less 2 (simple_tokenizer.py).</summary>
    private const int MostMerges = 49152 - 256 - 2;

    /// <summary>OpenAI's file has 3.2 million bytes.</summary>
    private const int LargestText = 16 << 20;

    private const int MostTokens = 1 << 20;

    /// <summary>The character of each byte: printable Latin-1 stands for itself, the others follow from U+0100 on.</summary>
    public static readonly string Alphabet = string.Concat(Enumerable.Range(0, 256).Select(IsPrintable).Select((printable, b) =>
        printable ? (char)b : (char)(256 + Enumerable.Range(0, b).Count(other => !IsPrintable(other)))));

    /// <summary>OpenAI's <c>bpe_simple_vocab_16e6.txt.gz</c>: a header, then a merge a line. The tokens follow from the merges.</summary>
    public static ClipVocabulary FromBpe(ReadOnlyMemory<byte> gzip)
    {
        var merges = ReadMerges(Unzip(gzip).Split('\n').Skip(1).TakeWhile(line => line.Length > 0).Take(MostMerges));
        var letters = Enumerable.Range(0, 256).OrderBy(b => !IsPrintable(b)).Select(b => Alphabet[b].ToString()).ToList();
        var tokens = new Dictionary<string, int>(StringComparer.Ordinal);
        var spellings = letters.Concat(letters.Select(letter => letter + WordEnd)).Concat(merges.Select(merge => merge.Left + merge.Right));
        foreach (var (id, spelling) in spellings.Append(Start).Append(End).Index())
        {
            tokens[spelling] = id;
        }

        return new(tokens, merges);
    }

    /// <summary>Hugging Face's <c>vocab.json</c> and <c>merges.txt</c>.</summary>
    public static ClipVocabulary FromVocab(string vocabJson, string mergesText)
    {
        var lines = mergesText.Split('\n').Select(line => line.TrimEnd('\r')).Where(line => line.Length > 0);
        var merges = lines.SkipWhile(line => line.StartsWith("#version", StringComparison.Ordinal)).Take(MostMerges);
        return new(ReadTokens(vocabJson), ReadMerges(merges));
    }

    /// <summary>The id of a spelling that no CLIP vocabulary lacks.</summary>
    public int Require(string spelling) =>
        Tokens.TryGetValue(spelling, out var id)
            ? id
            : throw new TokenizerException($"the vocabulary has no token '{spelling}'; CLIP's has. Is it another model's?");

    private static bool IsPrintable(int b) => b is (>= '!' and <= '~') or (>= '¡' and <= '¬') or (>= '®' and <= 'ÿ');

    private static string Unzip(ReadOnlyMemory<byte> gzip)
    {
        var text = new byte[LargestText + 1];
        try
        {
            using var stream = new GZipStream(new MemoryStream(gzip.ToArray(), writable: false), CompressionMode.Decompress);
            var length = stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
            return length <= LargestText
                ? Encoding.UTF8.GetString(text, 0, length)
                : throw new TokenizerException(
                    $"the vocabulary unpacks to more than {LargestText} bytes; OpenAI's bpe_simple_vocab_16e6.txt.gz has 3.2 million.");
        }
        catch (InvalidDataException error)
        {
            throw new TokenizerException(
                $"the vocabulary of {gzip.Length} bytes is not a gzip file ({error.Message}); OpenAI's bpe_simple_vocab_16e6.txt.gz is wanted.");
        }
    }

    private static List<(string Left, string Right)> ReadMerges(IEnumerable<string> lines)
    {
        var merges = new List<(string, string)>();
        foreach (var line in lines)
        {
            var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            merges.Add(parts is [var left, var right]
                ? (left, right)
                : throw new TokenizerException(
                    $"merge {merges.Count + 1} of the vocabulary has {parts.Length} parts; two, separated by a space, are wanted."));
        }

        return merges.Count > 0
            ? merges
            : throw new TokenizerException("the vocabulary has no merges; a header and then a merge a line are wanted.");
    }

    private static Dictionary<string, int> ReadTokens(string vocabJson)
    {
        try
        {
            using var json = JsonDocument.Parse(vocabJson);
            var tokens = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var token in json.RootElement.EnumerateObject())
            {
                tokens[token.Name] = token.Value.TryGetInt32(out var id) && id is >= 0 and < MostTokens
                    ? id
                    : throw new TokenizerException(
                        $"token '{token.Name}' of vocab.json has the id {token.Value}; a whole number below {MostTokens} is wanted.");
            }

            return tokens;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new TokenizerException($"vocab.json is not an object of ids by token ({error.Message}).");
        }
    }
}
