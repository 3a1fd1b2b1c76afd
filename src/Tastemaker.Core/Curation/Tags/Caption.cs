using System.Text;
using Tastemaker.Core.Imaging.Generation;
using Tastemaker.Core.Imaging.Metadata;

namespace Tastemaker.Core.Curation.Tags;

/// <summary>A text file beside an image from which trainers take its caption: tags in the first line, UTF-8.</summary>
public static class Caption
{
    private const int MostBytes = 1 << 20;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>What becomes of a caption file, an empty stream for none. A byte order mark, line ends and all other lines stay as they are.</summary>
    /// <exception cref="CurationException">It is not a caption: not UTF-8, very long, or generation parameters that a generator wrote there.</exception>
    public static IReadOnlyList<Splice> Plan(Stream file, TagChange change)
    {
        var bytes = ReadAll(file);
        var start = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        var text = Text(bytes.AsSpan(start));
        if (Infotext.Parse(text).Settings.Count > 0)
        {
            throw new CurationException("holds generation parameters, not a caption, and was left as it is. Write captions with another extension (--write caption), or move it away.");
        }

        var end = text.IndexOfAny('\r', '\n');
        var line = end < 0 ? text : text[..end];
        var wanted = TagLine.With(line, change.Own, change.Tags);
        return wanted == line ? [] : [new(start, bytes.AsMemory(start, Encoding.UTF8.GetByteCount(line)), Encoding.UTF8.GetBytes(wanted))];
    }

    /// <summary>The tags in a caption's first line; none where there is no such file or it is not text.</summary>
    public static IReadOnlyList<string> Tags(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        using var reader = new StreamReader(path);
        var line = new char[MostBytes];
        var first = new string(line, 0, reader.ReadBlock(line)).Split('\r', '\n')[0];
        return first.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }

    private static byte[] ReadAll(Stream file)
    {
        if (file.Length > MostBytes)
        {
            throw new CurationException($"has {file.Length} bytes; a caption of at most {MostBytes} was wanted.");
        }

        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new CurationException("is not UTF-8, as captions are, and was left as it is. Save it as UTF-8.");
        }
    }
}
