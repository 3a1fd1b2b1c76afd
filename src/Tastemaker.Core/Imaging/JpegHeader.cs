using System.Buffers.Binary;

namespace Tastemaker.Core.Imaging;

/// <summary>What a JPEG says before its first scan.</summary>
/// <param name="Adobe">It has Adobe's APP14 segment: inks are stored inverted.</param>
internal readonly record struct JpegHeader(int Width, int Height, int Components, bool Adobe)
{
    /// <summary>Reads segments up to the frame header and on to the first scan.</summary>
    public static JpegHeader Read(ImageSource source)
    {
        using var stream = new BufferedStream(source.Open(), 1 << 14);
        stream.Position = 2;
        JpegHeader? frame = null;
        var adobe = false;
        Span<byte> payload = stackalloc byte[12];
        while (true)
        {
            var marker = ReadMarker(source, stream);
            if (marker is (>= 0xD0 and <= 0xD8) or <= 0x01)
            {
                continue;
            }

            if (marker is 0xDA or 0xD9)
            {
                return (frame ?? throw source.Damaged("it has no frame header")) with { Adobe = adobe };
            }

            var length = (ReadByte(source, stream) << 8 | ReadByte(source, stream)) - 2;
            if (length < 0)
            {
                throw source.Damaged($"segment FF{marker:X2} states {length + 2} bytes");
            }

            var known = payload[..Math.Min(length, payload.Length)];
            if (stream.ReadAtLeast(known, known.Length, throwOnEndOfStream: false) < known.Length || stream.Position + length - known.Length > stream.Length)
            {
                throw source.EndsEarly();
            }

            stream.Position += length - known.Length;
            adobe |= marker == 0xEE && known.StartsWith("Adobe"u8);
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
            {
                frame = known.Length >= 6
                    ? new JpegHeader(BinaryPrimitives.ReadUInt16BigEndian(known[3..]), BinaryPrimitives.ReadUInt16BigEndian(known[1..]), known[5], false)
                    : throw source.Damaged("its frame header is too short");
            }
        }
    }

    private static int ReadMarker(ImageSource source, Stream stream)
    {
        if (ReadByte(source, stream) != 0xFF)
        {
            // libjpeg skips garbage between segments, so this is no reason to refuse a file.
            while (ReadByte(source, stream) != 0xFF)
            {
            }
        }

        int marker;
        do
        {
            marker = ReadByte(source, stream);
        }
        while (marker == 0xFF);

        return marker;
    }

    private static int ReadByte(ImageSource source, Stream stream)
    {
        var value = stream.ReadByte();
        return value >= 0 ? value : throw source.EndsEarly();
    }
}
