using System.Buffers.Binary;
using System.Text;
using Tastemaker.Core.Imaging;

namespace Tastemaker.Tests.Core.Imaging.Metadata;

/// <summary>Image files with all that may stand in them beside the picture.</summary>
internal static class MetadataSamples
{
    public const string Infotext = "a castle, é\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 965400086, Size: 512x512, Model hash: 45dee52b";

    public const string Packet = """
        <?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
        <x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Some Program 1.0">
         <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
          <rdf:Description rdf:about=""
            xmlns:xmp="http://ns.adobe.com/xap/1.0/"
            xmlns:dc="http://purl.org/dc/elements/1.1/"
           xmp:CreatorTool="Some Program"
           xmp:Rating="2">
           <dc:subject>
            <rdf:Bag>
             <rdf:li>castle</rdf:li>
             <rdf:li>score_4</rdf:li>
            </rdf:Bag>
           </dc:subject>
          </rdf:Description>
         </rdf:RDF>
        </x:xmpmeta>

        <?xpacket end="w"?>
        """;

    private static readonly byte[] Icc = [0, 0, 0, 200, .. Enumerable.Range(4, 196).Select(i => (byte)(i * 7))];

    /// <summary>Files that can be changed, by name.</summary>
    public static IReadOnlyDictionary<string, byte[]> Editable { get; } = new Dictionary<string, byte[]>
    {
        ["plain.png"] = ImageWriter.Png(Samples.Noise(9, 7)),
        ["16-bit.png"] = Samples.Lossless("rgb16.png"),
        ["palette.png"] = Samples.Lossless("palette8_transparent.png"),
        ["animated.png"] = Samples.Lossless("animated.png"),
        ["full.png"] = FullPng(),
        ["plain.jpg"] = ImageWriter.Jpeg(Samples.Noise(9, 7)),
        ["progressive.jpg"] = Samples.Golden("jpeg_444_progressive_330x250.jpg"),
        ["full.jpg"] = FullJpeg(Exif(isLittle: true, Comment(Encoding.BigEndianUnicode, Infotext), hasRating: false)),
        ["commented.jpg"] = FullJpeg(Exif(isLittle: false, [.. "ASCII\0\0\0"u8, .. "made by hand"u8], hasRating: true)),
        ["lossy.webp"] = ImageWriter.WebP(Samples.Noise(9, 7)),
        ["lossless.webp"] = Samples.Lossless("rgb_lossless.webp"),
        ["alpha.webp"] = Samples.Lossless("rgba_lossless.webp"),
        ["animated.webp"] = Samples.Lossless("animated_lossless.webp"),
        ["full.webp"] = FullWebP(),
        ["unannounced.webp"] = WebP(PictureOf(ImageWriter.WebP(Samples.Noise(9, 7))), ("XMP ", Encoding.UTF8.GetBytes(Packet))),
    };

    /// <summary>Files that are only read.</summary>
    public static IReadOnlyDictionary<string, byte[]> ReadOnly { get; } = new Dictionary<string, byte[]>
    {
        ["comment.gif"] = Gif(),
        ["exif.tif"] = Tiff(),
        ["items.avif"] = Avif(),
    };

    public static byte[] Comment(Encoding encoding, string text) => [.. "UNICODE\0"u8, .. encoding.GetBytes(text)];

    /// <summary>
    /// An EXIF block with all that must not move: a MakerNote, GPS, a thumbnail, and room that nothing points to.
    /// </summary>
    public static byte[] Exif(bool isLittle, byte[]? comment, bool hasRating)
    {
        var tiff = new TiffBuilder(isLittle);
        byte[] note = [.. "MAKER\0"u8, .. Enumerable.Range(1, 70).Select(i => (byte)i)];
        (int, int, byte[])[] inside = [(0x829A, 5, [.. tiff.U32(1), .. tiff.U32(60)]), (0x927C, 7, note)];
        var exif = tiff.Directory([.. inside, .. comment is null ? [] : new (int, int, byte[])[] { (0x9286, 7, comment) }], 0);
        var gps = tiff.Directory([(0x0001, 2, [.. "N\0"u8])], 0);
        var thumbnail = tiff.Append(ImageWriter.Jpeg(Samples.Noise(4, 4)));
        var second = tiff.Directory([(0x0103, 3, tiff.U16(6)), (0x0201, 4, tiff.U32(thumbnail.At)), (0x0202, 4, tiff.U32(thumbnail.Length))], 0);
        List<(int, int, byte[])> first =
        [
            (0x010E, 2, [.. "a picture of a castle\0"u8]), (0x010F, 2, [.. "Maker\0"u8]), (0x0110, 2, [.. "M1\0"u8]), (0x0112, 3, tiff.U16(1)),
            (0x0131, 2, [.. "NovelAI\0"u8]),
        ];
        if (hasRating)
        {
            first.AddRange([(0x4746, 3, tiff.U16(2)), (0x4749, 3, tiff.U16(25))]);
        }

        first.AddRange([(0x8769, 4, tiff.U32(exif)), (0x8825, 4, tiff.U32(gps)), (0x9C9E, 1, Encoding.Unicode.GetBytes("sea;ship\0"))]);
        tiff.First = tiff.Directory([.. first], second);
        return tiff.Bytes;
    }

    public static byte[] Segment(int marker, byte[] payload) =>
        [0xFF, (byte)marker, (byte)((payload.Length + 2) >> 8), (byte)(payload.Length + 2), .. payload];

    public static byte[] Riff(string type, byte[] data) =>
        [.. Encoding.ASCII.GetBytes(type), .. BitConverter.GetBytes(data.Length), .. data, .. new byte[data.Length & 1]];

    public static byte[] WebP(params (string Type, byte[] Data)[] chunks)
    {
        byte[] body = [.. "WEBP"u8, .. chunks.SelectMany(c => Riff(c.Type, c.Data))];
        return [.. "RIFF"u8, .. BitConverter.GetBytes(body.Length), .. body];
    }

    /// <summary>The first chunk of a simple WebP.</summary>
    public static (string Type, byte[] Data) PictureOf(byte[] webp) =>
        (Encoding.ASCII.GetString(webp, 12, 4), webp[20..(20 + BitConverter.ToInt32(webp, 16))]);

    private static byte[] FullPng()
    {
        byte[] compressed = [.. "big\0\0"u8, .. Samples.Deflate(Encoding.Latin1.GetBytes("a compressed text, é"))];
        byte[] international = [.. "title\0"u8, 1, 0, .. "en\0title\0"u8, .. Samples.Deflate(Encoding.UTF8.GetBytes("城, a castle"))];
        byte[] xmp = [.. "XML:com.adobe.xmp\0\0\0\0\0"u8, .. Encoding.UTF8.GetBytes(Packet)];
        var (rgb, offset) = (Samples.Deflate(new byte[4 * (1 + 3 * 5)]), 7);
        byte[] file = Samples.Png(5, 4, 8, 2,
            ("gAMA", [0, 0, 177, 143]), ("iCCP", [.. "profile\0\0"u8, .. Samples.Deflate(Icc)]), ("pHYs", [0, 0, 11, 19, 0, 0, 11, 19, 1]),
            ("prVt", [1, 2, 3, 4, 5]), ("tEXt", [.. "parameters\0"u8, .. Encoding.Latin1.GetBytes(Infotext)]),
            ("tEXt", [.. "workflow\0{\"nodes\": [1, 2, NaN]}"u8]), ("zTXt", compressed), ("iTXt", international), ("iTXt", xmp),
            ("eXIf", Exif(isLittle: false, comment: null, hasRating: true)), ("IDAT", rgb[..offset]), ("IDAT", rgb[offset..]),
            ("tEXt", [.. "aesthetic_score\0"u8, .. "4.5"u8]), ("tEXt", [.. "Comment\0late"u8]), ("zzZz", []), ("IEND", []));
        return [.. file, .. "trailing data"u8];
    }

    private static byte[] FullJpeg(byte[] exif)
    {
        var picture = Samples.Golden("jpeg_exif6_400x300.jpg");
        var tables = picture.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDB]);
        return
        [
            0xFF, 0xD8,
            .. Segment(0xE0, [.. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1, 0, 0]),
            .. Segment(0xE1, [.. "Exif\0\0"u8, .. exif]),
            .. Segment(0xE1, [.. "http://ns.adobe.com/xap/1.0/\0"u8, .. Encoding.UTF8.GetBytes(Packet)]),
            .. Segment(0xE1, [.. "http://ns.adobe.com/xmp/extension/\0"u8, .. new byte[40]]),
            .. Segment(0xE2, [.. "ICC_PROFILE\0"u8, 1, 1, .. Icc]),
            .. Segment(0xED, [.. "Photoshop 3.0\0"u8, .. new byte[20]]),
            .. Segment(0xFE, [.. "by hand"u8]),
            .. picture[tables..],
            .. "trailing data"u8,
        ];
    }

    private static byte[] FullWebP()
    {
        var (type, data) = PictureOf(ImageWriter.WebP(Samples.Noise(9, 7)));
        byte[] canvas = [0x20 | 0x08 | 0x04, 0, 0, 0, 8, 0, 0, 6, 0, 0];
        var exif = Exif(isLittle: false, Comment(Encoding.Unicode, Infotext), hasRating: false);
        return
        [
            .. WebP(("VP8X", canvas), ("ICCP", Icc), (type, data), ("EXIF", exif), ("XMP ", Encoding.UTF8.GetBytes(Packet)), ("ZZZZ", [1, 2, 3])),
            .. "trailing data"u8,
        ];
    }

    private static byte[] Gif()
    {
        byte[] xmp = [.. Encoding.UTF8.GetBytes(Packet), 1, .. Enumerable.Range(0, 256).Select(i => (byte)(255 - i)), 0];
        byte[] picture = [(byte)'!', 0xF9, 4, 0, 0, 0, 0, 0, (byte)',', 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0];
        return
        [
            .. "GIF89a"u8, 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255,
            (byte)'!', 0xFE, 6, .. "a cast"u8, 2, .. "le"u8, 0,
            (byte)'!', 0xFF, 11, .. "XMP DataXMP"u8, .. xmp,
            .. picture, (byte)';',
        ];
    }

    private static byte[] Tiff()
    {
        var tiff = new TiffBuilder(isLittle: true);
        var exif = tiff.Directory([(0x9286, 7, Comment(Encoding.Unicode, Infotext))], 0);
        tiff.First = tiff.Directory([(0x0131, 2, [.. "a scanner\0"u8]), (700, 1, Encoding.UTF8.GetBytes(Packet)), (0x8769, 4, tiff.U32(exif))], 0);
        return tiff.Bytes;
    }

    private static byte[] Avif()
    {
        var exif = Exif(isLittle: false, Comment(Encoding.BigEndianUnicode, Infotext), hasRating: false);
        var xmp = Encoding.UTF8.GetBytes(Packet);
        var type = Box("ftyp", [.. "avif"u8, 0, 0, 0, 0, .. "avifmif1"u8]);
        var infos = Box("iinf", [0, 0, 0, 0, 0, 3, .. Item(1, "av01", ""), .. Item(2, "Exif", ""), .. Item(3, "mime", "application/rdf+xml\0")]);
        const int MetaHead = 12, PlacesHead = 8 + 4 + 4, PlaceBytes = 14;
        var data = type.Length + MetaHead + infos.Length + PlacesHead + 3 * PlaceBytes + 8;
        var places = Box("iloc",
        [
            0, 0, 0, 0, 0x44, 0, 0, 3,
            .. Place(1, data, 0), .. Place(2, data, 4 + exif.Length), .. Place(3, data + 4 + exif.Length, xmp.Length),
        ]);
        return [.. type, .. Box("meta", [0, 0, 0, 0, .. infos, .. places]), .. Box("mdat", [0, 0, 0, 0, .. exif, .. xmp])];

        static byte[] Box(string name, byte[] body) => [.. Big(body.Length + 8), .. Encoding.ASCII.GetBytes(name), .. body];
        static byte[] Item(byte id, string name, string content) =>
            Box("infe", [2, 0, 0, 0, 0, id, 0, 0, .. Encoding.ASCII.GetBytes(name), 0, .. Encoding.ASCII.GetBytes(content)]);
        static byte[] Place(byte id, int at, int length) => [0, id, 0, 0, 0, 1, .. Big(at), .. Big(length)];
        static byte[] Big(int number)
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(bytes, number);
            return bytes;
        }
    }
}

/// <summary>Lays out TIFF directories, values behind them.</summary>
internal sealed class TiffBuilder(bool isLittle)
{
    private readonly List<byte> _bytes = [.. isLittle ? "II*\0"u8 : "MM\0*"u8, 0, 0, 0, 0];

    public long First
    {
        set
        {
            var offset = U32(value);
            for (var i = 0; i < 4; i++)
            {
                _bytes[4 + i] = offset[i];
            }
        }
    }

    public byte[] Bytes => [.. _bytes];

    public (long At, long Length) Append(byte[] bytes)
    {
        var at = _bytes.Count + (_bytes.Count & 1);
        _bytes.AddRange([.. new byte[at - _bytes.Count], .. bytes]);
        return (at, bytes.Length);
    }

    public long Directory((int Tag, int Type, byte[] Value)[] entries, long next)
    {
        var placed = entries.Select(e => (e.Tag, e.Type, e.Value, Place: e.Value.Length <= 4 ? [.. e.Value, .. new byte[4 - e.Value.Length]] : U32(Append(e.Value).At))).ToList();
        return Append(
        [
            .. U16(entries.Length),
            .. placed.SelectMany(e => (byte[])[.. U16(e.Tag), .. U16(e.Type), .. U32(e.Value.Length / SizeOf(e.Type)), .. e.Place]),
            .. U32(next),
        ]).At;
    }

    public byte[] U16(int value)
    {
        var bytes = BitConverter.GetBytes((ushort)value);
        return isLittle ? bytes : [.. bytes.Reverse()];
    }

    public byte[] U32(long value)
    {
        var bytes = BitConverter.GetBytes((uint)value);
        return isLittle ? bytes : [.. bytes.Reverse()];
    }

    private static int SizeOf(int type) => type switch { 3 => 2, 4 => 4, 5 => 8, _ => 1 };
}
