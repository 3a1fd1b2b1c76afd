using System.Buffers.Binary;

namespace Tastemaker.Core.Imaging;

/// <summary>What is left of a file when everything but the coded picture is taken away.</summary>
internal static class CodedPicture
{
    /// <summary>How a walk through a file ended.</summary>
    public enum Structure
    {
        Whole,
        EndsEarly,

        /// <summary>Not of the format, or of one whose structure is not walked.</summary>
        Unknown,
    }

    public delegate void Sink(ReadOnlySpan<byte> bytes);

    /// <summary>Whether the file stops before its structure does.</summary>
    public static bool EndsEarly(ImageSource source)
    {
        using var stream = source.Open();
        return Walk(source.Format, stream, static _ => { }) == Structure.EndsEarly;
    }

    /// <summary>
    /// Gives the coded picture to <paramref name="sink"/>, piece by piece:
    /// <list type="bullet">
    /// <item>PNG: each IHDR, PLTE and tRNS chunk as length, type, data; of IDAT chunks the type before the first, and the data of all joined,
    /// so that cutting the stream differently does not count. Animation chunks do not count. IEND ends it.</item>
    /// <item>JPEG: each segment but APPn and COM as marker, length, payload, after SOS the entropy-coded bytes with their restart markers;
    /// fill bytes do not count. EOI ends it.</item>
    /// <item>WebP: each VP8, VP8L, ALPH and ANMF chunk as type, length, payload. The end of the RIFF chunk ends it.</item>
    /// </list>
    /// </summary>
    /// <returns>Unless it is whole, what the sink got means nothing.</returns>
    public static Structure Walk(ImageFormat format, Stream stream, Sink sink)
    {
        var reader = new Reader(stream, sink);
        try
        {
            return format switch
            {
                ImageFormat.Png => Png(reader, sink),
                ImageFormat.Jpeg => Jpeg(reader, sink),
                ImageFormat.WebP => WebP(reader, sink),
                _ => Structure.Unknown,
            };
        }
        catch (EndOfStreamException)
        {
            return Structure.EndsEarly;
        }
    }

    private static Structure Png(Reader reader, Sink sink)
    {
        reader.Skip(8);
        Span<byte> head = stackalloc byte[8];
        var hasData = false;
        for (var isFirst = true; ; isFirst = false)
        {
            reader.Read(head);
            var length = BinaryPrimitives.ReadUInt32BigEndian(head);
            var type = head[4..];
            if (length > int.MaxValue || type.ContainsAnyExceptInRange((byte)'A', (byte)'z') || isFirst != type.SequenceEqual("IHDR"u8))
            {
                return Structure.Unknown;
            }

            if (type.SequenceEqual("IEND"u8))
            {
                return hasData ? Structure.Whole : Structure.Unknown;
            }

            if (type.SequenceEqual("IDAT"u8))
            {
                sink(hasData ? [] : type);
                hasData = true;
                reader.Pass(length);
            }
            else if (isFirst || type.SequenceEqual("PLTE"u8) || type.SequenceEqual("tRNS"u8))
            {
                sink(head);
                reader.Pass(length);
            }
            else
            {
                reader.Skip(length);
            }

            reader.Skip(4);
        }
    }

    private static Structure Jpeg(Reader reader, Sink sink)
    {
        const int Soi = 0xD8, Eoi = 0xD9, Sos = 0xDA, Com = 0xFE;
        reader.Skip(2);
        Span<byte> head = stackalloc byte[4];
        var (hasScan, isInScan) = (false, false);
        while (true)
        {
            // In a scan everything up to the marker that ends it is data; elsewhere there must be a marker.
            if (isInScan)
            {
                reader.PassEntropy();
            }
            else if (reader.Byte() != 0xFF)
            {
                return Structure.Unknown;
            }

            int marker;
            do
            {
                marker = reader.Byte();
            }
            while (marker == 0xFF);

            if (marker == Eoi)
            {
                return hasScan ? Structure.Whole : Structure.Unknown;
            }

            if (marker is <= 0x01 or (>= 0xD0 and <= Soi))
            {
                return Structure.Unknown;
            }

            (head[0], head[1], head[2], head[3]) = (0xFF, (byte)marker, reader.Byte(), reader.Byte());
            var length = BinaryPrimitives.ReadUInt16BigEndian(head[2..]) - 2;
            if (length < 0)
            {
                return Structure.Unknown;
            }

            if (marker is (>= 0xE0 and <= 0xEF) or Com)
            {
                reader.Skip((uint)length);
            }
            else
            {
                sink(head);
                reader.Pass((uint)length);
            }

            isInScan = marker == Sos;
            hasScan |= isInScan;
        }
    }

    private static Structure WebP(Reader reader, Sink sink)
    {
        Span<byte> head = stackalloc byte[8];
        reader.Read(head);
        var left = (long)BinaryPrimitives.ReadUInt32LittleEndian(head[4..]) - 4;
        reader.Skip(4);
        var hasData = false;
        while (left >= 8)
        {
            reader.Read(head);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
            var padded = length + (length & 1L);
            left -= 8 + padded;
            if (left < -1)
            {
                return Structure.Unknown;
            }

            var type = head[..4];
            if (type.SequenceEqual("VP8 "u8) || type.SequenceEqual("VP8L"u8) || type.SequenceEqual("ALPH"u8) || type.SequenceEqual("ANMF"u8))
            {
                hasData = true;
                sink(head);
                reader.Pass(length);
            }
            else
            {
                reader.Skip(length);
            }

            // Some writers leave out the padding of the last chunk.
            reader.Skip(left < 0 ? 0 : padded - length);
        }

        return hasData ? Structure.Whole : Structure.Unknown;
    }

    /// <summary>Walks forward through a stream of any length in memory of one buffer.</summary>
    private sealed class Reader(Stream stream, Sink sink)
    {
        private readonly byte[] _buffer = new byte[1 << 16];
        private int _at;
        private int _end;

        public byte Byte()
        {
            Fill();
            return _buffer[_at++];
        }

        public void Read(Span<byte> into)
        {
            foreach (ref var b in into)
            {
                b = Byte();
            }
        }

        public void Skip(long count) => Advance(count, static _ => { });

        /// <summary>Gives bytes to the sink.</summary>
        public void Pass(long count) => Advance(count, sink);

        /// <summary>Gives entropy-coded bytes to the sink, and stops behind the FF of the marker that ends them.</summary>
        public void PassEntropy()
        {
            while (true)
            {
                Fill();
                var run = _buffer.AsSpan(_at, _end - _at).IndexOf((byte)0xFF);
                if (run != 0)
                {
                    Pass(run < 0 ? _end - _at : run);
                    continue;
                }

                _at++;
                Fill();
                var follower = _buffer[_at];
                if (follower is not (0 or (>= 0xD0 and <= 0xD7)))
                {
                    return;
                }

                _at++;
                sink([0xFF, follower]);
            }
        }

        private void Advance(long count, Sink to)
        {
            while (count > 0)
            {
                Fill();
                var taken = (int)Math.Min(count, _end - _at);
                to(_buffer.AsSpan(_at, taken));
                _at += taken;
                count -= taken;
            }
        }

        private void Fill()
        {
            if (_at < _end)
            {
                return;
            }

            (_at, _end) = (0, stream.Read(_buffer));
            if (_end == 0)
            {
                throw new EndOfStreamException();
            }
        }
    }
}
