using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Tastemaker.Core.Platform;

namespace Tastemaker.Core.Embedding;

/// <summary>
/// The form of <c>vectors/FINGERPRINT.f16rows</c>, all little-endian: a header of 64 bytes, then rows of equal length.
/// The header is <c>TASTEF16</c>, the format's version and the dimensions as 32-bit numbers, 16 zero bytes, and the SHA-256 of the fingerprint.
/// A row is the feature vector as float16, not normalised, and a CRC-32C of the image's content id and those bytes, so that a row is
/// whole and belongs to its image.
/// </summary>
internal static class VectorFile
{
    public const int HeaderBytes = 64;

    private const uint FormatVersion = 1;
    private const int CheckBytes = sizeof(uint);
    private const int HashAt = 32;

    private static ReadOnlySpan<byte> Magic => "TASTEF16"u8;

    /// <summary>From the start of one row to the start of the next, in bytes.</summary>
    public static int Stride(int dims) => (dims * sizeof(ushort)) + CheckBytes;

    public static long Offset(long row, int stride) => HeaderBytes + (row * stride);

    /// <summary>How many whole rows a file of this length holds.</summary>
    public static long Rows(long length, int stride) => Math.Max(0, (length - HeaderBytes) / stride);

    public static byte[] Header(string fingerprint, int dims)
    {
        var header = new byte[HeaderBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), FormatVersion);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), dims);
        SHA256.HashData(Encoding.UTF8.GetBytes(fingerprint), header.AsSpan(HashAt));
        return header;
    }

    /// <summary>Opens the file for this encoder's rows, making it where it is missing.</summary>
    /// <exception cref="EmbeddingException">What is there is not this encoder's file.</exception>
    public static SafeFileHandle OpenWrite(string path, string fingerprint, int dims)
    {
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            AtomicFile.Create(path, stream => stream.Write(Header(fingerprint, dims)));
        }

        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            var header = new byte[HeaderBytes];
            Demand(RandomAccess.Read(handle, header, 0) == HeaderBytes ? header : [], path, fingerprint, dims);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <param name="header">The file's first 64 bytes, or fewer where it has no more.</param>
    /// <exception cref="EmbeddingException">They are not the header of this encoder's file.</exception>
    public static void Demand(ReadOnlySpan<byte> header, string path, string fingerprint, int dims)
    {
        if (!header.SequenceEqual(Header(fingerprint, dims)))
        {
            throw new EmbeddingException(
                $"'{path}' is not the file of the {dims} numbers an image that encoder '{fingerprint}' gives, or its start is damaged. " +
                "Move it away: the vectors that it should hold are computed again.");
        }
    }

    /// <exception cref="EmbeddingException">One of the numbers is not finite.</exception>
    public static void DemandFinite(ReadOnlySpan<float> vector)
    {
        for (var i = 0; i < vector.Length; i++)
        {
            if (!float.IsFinite(vector[i]))
            {
                throw new EmbeddingException(string.Create(CultureInfo.InvariantCulture,
                    $"the feature vector has {vector[i]} at {i} of {vector.Length}; every number must be finite. "
                        + $"Is the encoder's precision too low for this image?"));
            }
        }
    }

    /// <summary>Writes one row: the numbers as float16, those beyond its range as its largest, and the check.</summary>
    /// <param name="vector">Finite.</param>
    public static void Encode(ReadOnlySpan<float> vector, ReadOnlySpan<byte> contentId, Span<byte> row)
    {
        var halves = MemoryMarshal.Cast<byte, Half>(row[..^CheckBytes]);
        for (var i = 0; i < halves.Length; i++)
        {
            halves[i] = (Half)Math.Clamp(vector[i], (float)Half.MinValue, (float)Half.MaxValue);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(row[^CheckBytes..], Check(row[..^CheckBytes], contentId));
    }

    public static bool IsWhole(ReadOnlySpan<byte> row, ReadOnlySpan<byte> contentId) =>
        BinaryPrimitives.ReadUInt32LittleEndian(row[^CheckBytes..]) == Check(row[..^CheckBytes], contentId);

    public static void Decode(ReadOnlySpan<byte> row, Span<float> vector)
    {
        var halves = MemoryMarshal.Cast<byte, Half>(row[..^CheckBytes]);
        for (var i = 0; i < halves.Length; i++)
        {
            vector[i] = (float)halves[i];
        }
    }

    private static uint Check(ReadOnlySpan<byte> numbers, ReadOnlySpan<byte> contentId) => ~Crc32C(Crc32C(~0u, contentId), numbers);

    /// <summary>The CRC of iSCSI (RFC 3720), one instruction for 8 bytes on today's processors.</summary>
    internal static uint Crc32C(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            crc = BitOperations.Crc32C(crc, word);
        }

        foreach (var rest in bytes[(bytes.Length & ~7)..])
        {
            crc = BitOperations.Crc32C(crc, rest);
        }

        return crc;
    }
}
