using System.Text;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform.Tables;

namespace Tastemaker.Core.Judging.Exchange;

/// <summary>Whole text files, read with a bound.</summary>
internal static class Text
{
    private const int MostBytes = 256 << 20;
    private const int LongestShown = 60;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The file's text; a Parquet file's as that of a CSV file with the same columns.</summary>
    /// <exception cref="JudgingException">It is missing, empty, no regular file, too large, or not UTF-8.</exception>
    public static string Read(string path)
    {
        var file = FoundFile.At(path) ?? throw new JudgingException($"'{path}' does not exist.");
        if (file.Size is 0 or > MostBytes)
        {
            throw new JudgingException(file.Size == 0
                ? $"'{path}' is empty, or not a regular file."
                : $"'{path}' has {file.Size} bytes; judgements are read from files of at most {MostBytes >> 20} MB.");
        }

        if (TableFormats.Of(path) == TableFormat.Parquet)
        {
            return TableText.OfParquet(path, MostBytes);
        }

        try
        {
            return Strict.GetString(File.ReadAllBytes(path)).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException)
        {
            throw new JudgingException($"'{path}' is not text in UTF-8. Is it a file of judgements?");
        }
    }

    /// <summary>As much of what a file says as a message can bear.</summary>
    public static string Shown(string text) =>
        string.Concat((text.Length <= LongestShown ? text : $"{text[..LongestShown]}…").Select(c => char.IsControl(c) ? '?' : c));
}
