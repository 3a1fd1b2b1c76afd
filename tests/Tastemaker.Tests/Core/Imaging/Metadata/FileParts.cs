using System.Buffers.Binary;
using System.Text;

namespace Tastemaker.Tests.Core.Imaging.Metadata;

/// <summary>Takes files apart by the book, without the code under test.</summary>
internal static class FileParts
{
    /// <summary>Chunks or segments with what they are called, and whatever follows the last one.</summary>
    public static List<(string Name, byte[] Bytes)> Of(byte[] file) => file[0] switch
    {
        0x89 => Png(file),
        0xFF => Jpeg(file),
        _ => WebP(file),
    };

    private static List<(string, byte[])> Png(byte[] file)
    {
        var parts = new List<(string Name, byte[])>();
        var at = 8;
        while (parts.Count == 0 || parts[^1].Name != "IEND")
        {
            var end = at + 12 + BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            var (type, data) = (Encoding.ASCII.GetString(file, at + 4, 4), file[(at + 8)..(end - 4)]);
            Assert.Equal(Samples.Chunk(type, data), file[at..end]);
            var isText = type is "tEXt" or "zTXt" or "iTXt";
            parts.Add((isText ? $"text {Encoding.Latin1.GetString(data, 0, data.AsSpan().IndexOf((byte)0))}" : type, file[at..end]));
            at = end;
        }

        return [.. parts, ("rest", file[at..])];
    }

    private static List<(string, byte[])> Jpeg(byte[] file)
    {
        var parts = new List<(string, byte[])>();
        var at = 2;
        while (file[at + 1] != 0xDA)
        {
            var end = at + 2 + BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(at + 2));
            var start = Encoding.Latin1.GetString(file, at + 4, Math.Min(29, end - at - 4));
            var name = start.StartsWith("Exif\0\0", StringComparison.Ordinal) ? "EXIF" : start == "http://ns.adobe.com/xap/1.0/\0" ? "XMP" : $"{file[at + 1]:X2}";
            parts.Add((name, file[at..end]));
            at = end;
        }

        return [.. parts, ("rest", file[at..])];
    }

    private static List<(string, byte[])> WebP(byte[] file)
    {
        var parts = new List<(string, byte[])>();
        var (at, riffEnd) = (12, 8 + BitConverter.ToInt32(file, 4));
        while (at < riffEnd)
        {
            var end = Math.Min(at + 8 + (BitConverter.ToInt32(file, at + 4) + 1 & ~1), riffEnd);
            parts.Add((Encoding.ASCII.GetString(file, at, 4), file[at..end]));
            at = end;
        }

        Assert.Equal(riffEnd, at);
        return [.. parts, ("rest", file[at..])];
    }
}
