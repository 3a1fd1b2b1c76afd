using System.Buffers.Binary;
using System.Globalization;
using System.Xml;
using Tastemaker.Core.Imaging;

namespace Tastemaker.Core.Judging.Exchange;

/// <summary>Reads <c>xmp:Rating</c>: 1 to 5 stars, 0 for none, -1 for a reject (Adobe XMP specification, part 2).</summary>
internal static class XmpRating
{
    private const string Namespace = "http://ns.adobe.com/xap/1.0/";
    private const int MostBytes = 4 << 20;

    private static readonly XmlReaderSettings Safe = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = MostBytes,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
    };

    /// <returns>-1 to 5; null where the sidecar has no rating.</returns>
    /// <exception cref="JudgingException">It is no XMP, or its rating is none.</exception>
    public static int? InSidecar(string path)
    {
        using var file = File.OpenRead(path);
        return file.Length <= MostBytes
            ? Parse(file)
            : throw new JudgingException($"has {file.Length} bytes; a sidecar of at most {MostBytes >> 20} MB was wanted.");
    }

    /// <returns>-1 to 5; null where the image carries no rating, or is of a format that is not looked into.</returns>
    /// <exception cref="JudgingException">Its metadata is damaged, or its rating is none.</exception>
    public static int? InImage(string path)
    {
        using var file = File.OpenRead(path);
        var head = new byte[ImageFormats.HeadBytes];
        var count = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        try
        {
            var packet = ImageFormats.Recognise(head.AsSpan(0, count)) switch
            {
                ImageFormat.Jpeg => InJpeg(file),
                ImageFormat.Png => InPng(file),
                ImageFormat.WebP => InWebP(file),
                _ => null,
            };
            return packet is null ? null : Parse(new MemoryStream(packet.AsSpan().TrimEnd((byte)0).ToArray()));
        }
        catch (EndOfStreamException)
        {
            return null;
        }
    }

    private static int? Parse(Stream packet)
    {
        try
        {
            using var reader = XmlReader.Create(packet, Safe);
            while (reader.Read())
            {
                if (reader.NodeType != XmlNodeType.Element)
                {
                    continue;
                }

                if (reader.GetAttribute("Rating", Namespace) is { } attribute)
                {
                    return Stars(attribute);
                }

                if (reader is { LocalName: "Rating", NamespaceURI: Namespace })
                {
                    return Stars(reader.ReadElementContentAsString());
                }
            }

            return null;
        }
        catch (XmlException e)
        {
            throw new JudgingException($"holds XMP that cannot be read: {e.Message}");
        }
    }

    private static int Stars(string text) =>
        double.TryParse(text, CultureInfo.InvariantCulture, out var stars) && stars is >= -1 and <= 5 && stars == Math.Floor(stars)
            ? (int)stars
            : throw new JudgingException($"has the rating '{Text.Shown(text)}'; -1 to 5 was wanted.");

    private static byte[]? InJpeg(FileStream file)
    {
        const int App1 = 0xE1, StartOfScan = 0xDA, EndOfImage = 0xD9;
        var head = new byte[4];
        file.Position = 2;
        while (true)
        {
            file.ReadExactly(head);
            var length = BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(2)) - 2;
            if (head[0] != 0xFF || head[1] is StartOfScan or EndOfImage || length < 0)
            {
                return null;
            }

            var next = file.Position + length;
            if (head[1] == App1 && Take(file, length) is { } payload && payload.AsSpan().StartsWith("http://ns.adobe.com/xap/1.0/\0"u8))
            {
                return payload["http://ns.adobe.com/xap/1.0/\0"u8.Length..];
            }

            file.Position = next;
        }
    }

    private static byte[]? InPng(FileStream file)
    {
        var head = new byte[8];
        file.Position = 8;
        while (true)
        {
            file.ReadExactly(head);
            var length = BinaryPrimitives.ReadUInt32BigEndian(head);
            var type = head.AsSpan(4);
            if (type.SequenceEqual("IEND"u8))
            {
                return null;
            }

            // Keyword, no compression (two zeros), language and translated keyword, each ended by a zero.
            var next = file.Position + length + 4;
            if (type.SequenceEqual("iTXt"u8) && Take(file, length) is { } payload && payload.AsSpan().StartsWith("XML:com.adobe.xmp\0\0\0"u8))
            {
                var rest = payload.AsSpan("XML:com.adobe.xmp\0\0\0"u8.Length);
                rest = rest[(rest.IndexOf((byte)0) + 1)..];
                return rest[(rest.IndexOf((byte)0) + 1)..].ToArray();
            }

            file.Position = next;
        }
    }

    private static byte[]? InWebP(FileStream file)
    {
        var head = new byte[8];
        file.Position = 12;
        while (true)
        {
            file.ReadExactly(head);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(4));
            if (head.AsSpan(0, 4).SequenceEqual("XMP "u8))
            {
                return Take(file, length);
            }

            file.Position += length + (length & 1L);
        }
    }

    /// <summary>So many bytes; null where no honest packet has as many.</summary>
    private static byte[]? Take(FileStream file, long length)
    {
        if (length > MostBytes)
        {
            return null;
        }

        var bytes = new byte[length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
