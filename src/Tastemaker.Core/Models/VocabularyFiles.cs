using Tastemaker.Nets.Clip;

namespace Tastemaker.Core.Models;

/// <summary>CLIP's vocabulary as it comes with models: <c>vocab.json</c> and <c>merges.txt</c>, or OpenAI's <c>bpe_simple_vocab_16e6.txt.gz</c>.</summary>
internal static class VocabularyFiles
{
    /// <summary>CLIP's is 1.1 MB.</summary>
    private const long MostBytes = 64 << 20;

    /// <summary>The one that lies in a folder; null where none does.</summary>
    /// <exception cref="ModelException">It is damaged, or cannot be read.</exception>
    public static ClipTokenizer? In(string folder)
    {
        var (vocabulary, merges) = (Path.Combine(folder, "vocab.json"), Path.Combine(folder, "merges.txt"));
        try
        {
            if (File.Exists(vocabulary) && File.Exists(merges))
            {
                return ClipTokenizer.FromVocab(File.ReadAllText(Small(vocabulary)), File.ReadAllText(Small(merges)));
            }

            var packed = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "bpe*.txt.gz").Order(StringComparer.Ordinal).FirstOrDefault() : null;
            return packed is null ? null : ClipTokenizer.FromBpe(File.ReadAllBytes(Small(packed)));
        }
        catch (Exception e) when (e is TokenizerException or IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"the vocabulary in '{folder}' cannot be read: {e.Message}", e);
        }
    }

    private static string Small(string path) => new FileInfo(path).Length is <= MostBytes ? path
        : throw new IOException($"'{Path.GetFileName(path)}' has {new FileInfo(path).Length} bytes; a vocabulary has at most {MostBytes}.");
}
