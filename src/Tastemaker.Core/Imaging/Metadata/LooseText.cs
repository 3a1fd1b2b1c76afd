using System.Text;

namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>Bytes whose encoding nothing states.</summary>
internal static class LooseText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly Encoding Ignoring =
        Encoding.GetEncoding("utf-8", EncoderFallback.ReplacementFallback, new DecoderReplacementFallback(""));

    /// <summary>UTF-8 where all of it can be, else Latin-1.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes) =>
        (System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8 : Encoding.Latin1).GetString(bytes);

    /// <summary>UTF-8 without what is none.</summary>
    public static string DecodeIgnoring(ReadOnlySpan<byte> bytes) => Ignoring.GetString(bytes);

    /// <summary>UTF-8 that gives back the same bytes; null where there is none.</summary>
    public static string? DecodeStrictly(ReadOnlySpan<byte> bytes) =>
        System.Text.Unicode.Utf8.IsValid(bytes) ? Strict.GetString(bytes) : null;
}
