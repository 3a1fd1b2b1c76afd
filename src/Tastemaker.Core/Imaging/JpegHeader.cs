using System.Buffers.Binary;

namespace Tastemaker.Core.Imaging;

/// <summary>What a JPEG's frame header says.</summary>
internal readonly record struct JpegHeader(int Width, int Height)
{
    /// <summary>Reads segments up to the frame header.</summary>
    public static JpegHeader Read(ImageSource source)
    {
        using var stream = new BufferedStream(source.Open(), 1 << 14);
        stream.Position = 2;
        Span<byte> frame = stackalloc byte[5];
        while (true)
        {
            var marker = ReadMarker(source, stream);
            if (marker is (>= 0xD0 and <= 0xD8) or <= 0x01)
            {
                continue;
            }

            if (marker is 0xDA or 0xD9)
            {
                throw source.Damaged("it has no frame header");
            }

            var length = (ReadByte(source, stream) << 8 | ReadByte(source, stream)) - 2;
            if (length < 0)
            {
                throw source.Damaged($"segment FF{marker:X2} states {length + 2} bytes");
            }

            var isFrame = marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
            if (isFrame && length >= frame.Length)
            {
                return stream.ReadAtLeast(frame, frame.Length, throwOnEndOfStream: false) == frame.Length
                    ? new JpegHeader(BinaryPrimitives.ReadUInt16BigEndian(frame[3..]), BinaryPrimitives.ReadUInt16BigEndian(frame[1..]))
                    : throw source.EndsEarly();
            }

            if (stream.Position + length > stream.Length)
            {
                throw source.EndsEarly();
            }

            stream.Position += length;
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
