using System.Buffers.Binary;
using System.Security.Cryptography;
using Tastemaker.Core.Imaging;

namespace Tastemaker.Tests.Core.Imaging;

public sealed class ContentIdTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static readonly byte[] Png = Samples.Lossless("palette8_transparent.png");
    private static readonly byte[] Jpeg = Samples.Golden("jpeg_exif6_400x300.jpg");
    private static readonly byte[] Progressive = Samples.Golden("jpeg_444_progressive_330x250.jpg");
    private static readonly byte[] WebP = Samples.Lossless("rgb_lossless.webp");

    [Fact]
    public void Of_a_PNG_the_picture_s_chunks_count_with_the_data_joined()
    {
        byte[] ihdr = [0, 0, 0, 2, 0, 0, 0, 1, 8, 3, 0, 0, 0];
        var (palette, alpha, data) = (new byte[] { 1, 2, 3 }, new byte[] { 9 }, Samples.Deflate([0, 0, 0]));
        var file = Samples.Png(2, 1, 8, 3, ("gAMA", [0, 0, 1, 0]), ("PLTE", palette), ("tRNS", alpha),
            ("IDAT", data[..4]), ("IDAT", data[4..]), ("tEXt", [.. "a\0b"u8]), ("IEND", []));

        var expected = SHA256.HashData([
            0, 0, 0, 13, .. "IHDR"u8, .. ihdr,
            0, 0, 0, 3, .. "PLTE"u8, .. palette,
            0, 0, 0, 1, .. "tRNS"u8, .. alpha,
            .. "IDAT"u8, .. data]);
        Assert.Equal(expected, Of(file));
    }

    [Fact]
    public void Of_a_JPEG_and_a_WebP_metadata_is_left_out()
    {
        byte[] jpeg = [0xFF, 0xD8, 0xFF, 0xE0, 0, 3, 7, 0xFF, 0xDB, 0, 4, 1, 2, 0xFF, 0xFE, 0, 2, 0xFF, 0xFF, 0xDA, 0, 3, 5,
            8, 0xFF, 0, 9, 0xFF, 0xD0, 10, 0xFF, 0xD9];
        byte[] webp = [.. "RIFF"u8, 34, 0, 0, 0, .. "WEBPVP8L"u8, 3, 0, 0, 0, 1, 2, 3, 0, .. "EXIF"u8, 2, 0, 0, 0, 5, 5, 9, 9, 9, 9];

        Assert.Equal(SHA256.HashData([0xFF, 0xDB, 0, 4, 1, 2, 0xFF, 0xDA, 0, 3, 5, 8, 0xFF, 0, 9, 0xFF, 0xD0, 10]), Of(jpeg));
        webp[4] = 26;
        Assert.Equal(SHA256.HashData([.. "VP8L"u8, 3, 0, 0, 0, 1, 2, 3]), Of(webp));
    }

    public static TheoryData<string, byte[], byte[]> MetadataEdits()
    {
        var text = Samples.Chunk("tEXt", [.. "parameters\0a castle, masterpiece"u8]);
        var dataAt = Png.AsSpan().IndexOf("IDAT"u8) - 4;
        var length = BinaryPrimitives.ReadInt32BigEndian(Png.AsSpan(dataAt));
        var data = Png.AsSpan(dataAt + 8, length).ToArray();
        byte[] exif = [0xFF, 0xE1, 0, 10, .. "Exif\0\0"u8, 1, 2];
        byte[] webpWithExif = [.. WebP, .. "EXIF"u8, 3, 0, 0, 0, 1, 2, 3, 0];
        BinaryPrimitives.WriteInt32LittleEndian(webpWithExif.AsSpan(4), webpWithExif.Length - 8);
        return new TheoryData<string, byte[], byte[]>
        {
            { "text before the data", Png, [.. Png[..33], .. text, .. Png[33..]] },
            { "text after the data", Png, [.. Png[..^12], .. text, .. Png[^12..]] },
            { "data cut differently", Png, [.. Png[..dataAt], .. Samples.Chunk("IDAT", data[..50]), .. Samples.Chunk("IDAT", []),
                .. Samples.Chunk("IDAT", data[50..]), .. Png[(dataAt + 12 + length)..]] },
            { "bytes behind the end of a PNG", Png, [.. Png, 1, 2, 3] },
            { "animation", Png, [.. Png[..33], .. Samples.Chunk("acTL", new byte[8]), .. Png[33..^12], .. Samples.Chunk("fdAT", [1, 2]), .. Png[^12..]] },
            { "EXIF in a JPEG", Jpeg, [.. Jpeg[..2], .. exif, .. Jpeg[2..]] },
            { "a comment in a JPEG", Progressive, [.. Progressive[..2], 0xFF, 0xFE, 0, 4, 65, 66, .. Progressive[2..]] },
            { "bytes behind the end of a JPEG", Jpeg, [.. Jpeg, .. Jpeg] },
            { "fill bytes in a JPEG", Jpeg, [.. Jpeg[..2], 0xFF, 0xFF, .. Jpeg[2..]] },
            { "EXIF in a WebP", WebP, webpWithExif },
            { "bytes behind the end of a WebP", WebP, [.. WebP, 1, 2, 3, 4, 5, 6, 7, 8, 9] },
        };
    }

    [Theory]
    [MemberData(nameof(MetadataEdits))]
    public void Edits_of_metadata_leave_it_as_it_is(string edit, byte[] before, byte[] after)
    {
        Assert.True(Of(before).AsSpan().SequenceEqual(Of(after)), edit);
        Assert.False(SHA256.HashData(before).AsSpan().SequenceEqual(Of(before)), "it is the whole file's");
    }

    public static TheoryData<string, byte[], byte[]> PictureEdits()
    {
        byte[] Changed(byte[] file, int at, byte by = 1)
        {
            var changed = (byte[])file.Clone();
            changed[at] += by;
            return changed;
        }

        var scan = Jpeg.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]);
        return new TheoryData<string, byte[], byte[]>
        {
            { "width", Png, Changed(Png, 19) },
            { "palette", Png, Changed(Png, Png.AsSpan().IndexOf("PLTE"u8) + 7) },
            { "transparency", Png, Changed(Png, Png.AsSpan().IndexOf("tRNS"u8) + 7) },
            { "PNG data", Png, Changed(Png, Png.Length - 40) },
            { "quantisation", Jpeg, Changed(Jpeg, Jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDB]) + 8) },
            { "JPEG data", Jpeg, Changed(Jpeg, Jpeg.AsSpan(scan).IndexOf((byte)0x55) + scan) },
            { "a later scan", Progressive, Changed(Progressive, Progressive.Length - 10) },
            { "WebP data", WebP, Changed(WebP, WebP.Length - 9) },
        };
    }

    [Theory]
    [MemberData(nameof(PictureEdits))]
    public void Edits_of_the_picture_change_it(string edit, byte[] before, byte[] after)
    {
        Assert.False(Of(before).AsSpan().SequenceEqual(Of(after)), edit);
    }

    public static TheoryData<string, byte[]> Unwalkable()
    {
        byte[] hugeChunk = [.. Png];
        hugeChunk.AsSpan(33, 4).Fill(255);
        byte[] hugeRiff = [.. WebP];
        hugeRiff.AsSpan(4, 4).Fill(255);
        byte[] hugeWebPChunk = [.. WebP];
        hugeWebPChunk.AsSpan(16, 4).Fill(255);
        byte[] shortSegment = [.. Jpeg];
        (shortSegment[4], shortSegment[5]) = (0, 1);
        return new TheoryData<string, byte[]>
        {
            { "PNG chunk of 4 GB", hugeChunk },
            { "PNG without end", Png[..^12] },
            { "PNG without data", Samples.Png(1, 1, 8, 0, ("IEND", [])) },
            { "PNG of its signature", Png[..8] },
            { "JPEG segment of 1 byte", shortSegment },
            { "JPEG without end", Jpeg[..^2] },
            { "JPEG of three bytes", Jpeg[..3] },
            { "WebP of 4 GB", hugeRiff },
            { "WebP chunk of 4 GB", hugeWebPChunk },
            { "WebP without end", WebP[..^5] },
            { "GIF", Samples.Lossless("palette.gif") },
            { "BMP", Samples.Lossless("rle8.bmp") },
            { "text", "hello"u8.ToArray() },
            { "nothing", [] },
        };
    }

    [Theory]
    [MemberData(nameof(Unwalkable))]
    public void Of_other_containers_and_of_spoilt_files_every_byte_counts(string what, byte[] file)
    {
        Assert.True(SHA256.HashData(file).AsSpan().SequenceEqual(Of(file)), what);
    }

    [Fact]
    public void It_does_not_depend_on_how_the_stream_hands_out_its_bytes()
    {
        foreach (var file in new[] { Png, Jpeg, Progressive, WebP, Samples.Lossless("palette.gif") })
        {
            Assert.Equal(Of(file), ContentId.Of(new Dripping(file), Cancel));
        }
    }

    [Fact]
    public void A_file_gives_the_id_of_its_bytes_and_a_missing_one_an_ImageException()
    {
        var path = Path.Combine(Samples.Folder, "jpeg_exif6_400x300.jpg");

        Assert.Equal(Of(Jpeg), ContentId.Of(path, Cancel));
        Assert.Throws<ImageException>(() => ContentId.Of(path + ".gone", Cancel));
        Assert.Throws<ImageException>(() => ContentId.Of(Samples.Folder, Cancel));
    }

    private static byte[] Of(byte[] file) => ContentId.Of(new MemoryStream(file), Cancel);

    private sealed class Dripping(byte[] file) : MemoryStream(file)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 1));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 3)]);
    }
}
