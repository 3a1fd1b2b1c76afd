using System.Globalization;

namespace Tastemaker.Core.Painting;

/// <summary>Prompts and seeds of two files, a line each, as <c>taste data prompts</c> writes them.</summary>
public static class PromptPairs
{
    private const long MostBytes = 64 << 20;

    /// <summary>A file of prompts, one a line.</summary>
    /// <exception cref="PaintException">It cannot be read, is empty, or has blank lines.</exception>
    public static IReadOnlyList<string> Prompts(string path) => Lines(path, "prompt");

    /// <summary>A file of seeds, one a line; null for <c>-1</c>, which leaves the choice.</summary>
    /// <exception cref="PaintException">It cannot be read, is empty, or has blank lines or what is no seed.</exception>
    public static IReadOnlyList<ulong?> Seeds(string path) => [.. Lines(path, "seed").Select((line, i) =>
        line == "-1" ? (ulong?)null
        : ulong.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed
        : throw new PaintException($"line {i + 1} of '{path}' is '{(line.Length > 40 ? line[..40] + "…" : line)}'; a seed is wanted, a whole number, or -1 for any."))];

    /// <exception cref="PaintException">They are not as many.</exception>
    public static IReadOnlyList<(string Prompt, ulong? Seed)> Of(string promptFile, string seedFile)
    {
        var (prompts, seeds) = (Prompts(promptFile), Seeds(seedFile));
        return prompts.Count == seeds.Count ? [.. prompts.Zip(seeds)] : throw new PaintException(
            $"'{promptFile}' has {prompts.Count} prompts and '{seedFile}' {seeds.Count} seeds; they are paired line by line, so as many are wanted of both.");
    }

    private static List<string> Lines(string path, string what)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MostBytes } large)
            {
                throw new PaintException($"'{path}' has {large.Length} bytes; a file of {what}s has at most {MostBytes}.");
            }

            List<string> lines = [.. File.ReadAllLines(path).Select(line => line.Trim())];
            var blank = lines.IndexOf("");
            return lines.Count == 0 ? throw new PaintException($"'{path}' is empty; a {what} a line is wanted.")
                : blank < 0 ? lines
                : throw new PaintException($"line {blank + 1} of '{path}' is blank; a {what} is wanted on every line, as lines are counted.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PaintException($"'{path}' cannot be read: {e.Message}", e);
        }
    }
}
