namespace Tastemaker.Core.Platform.Tables;

/// <summary>The forms of files that hold rows of named columns.</summary>
public enum TableFormat
{
    /// <summary>Comma-separated values as in RFC 4180, in UTF-8, the names in the first line.</summary>
    Csv,

    /// <summary>Apache Parquet, which knows the types of its columns.</summary>
    Parquet,
}

/// <summary>Which form a file has.</summary>
public static class TableFormats
{
    private static ReadOnlySpan<byte> ParquetMagic => "PAR1"u8;

    /// <summary>By the name of a file to write: Parquet for <c>.parquet</c>, else CSV.</summary>
    public static TableFormat ByName(string path) =>
        path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase) ? TableFormat.Parquet : TableFormat.Csv;

    /// <summary>By a file's first bytes.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static TableFormat Of(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        Span<byte> head = stackalloc byte[ParquetMagic.Length];
        var read = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        return head[..read].SequenceEqual(ParquetMagic) ? TableFormat.Parquet : TableFormat.Csv;
    }
}
