using System.Buffers.Binary;
using System.Text;

namespace Tastemaker.Nets.Weights;

/// <summary>The bytes of a pickle, read once from front to back. It may end before the span of the file that it is given.</summary>
internal sealed class PickleStream
{
    private const int MaxTextBytes = 1 << 24;
    private const int MaxLineBytes = 1 << 10;

    private readonly ByteSource _source;
    private readonly long _end;
    private readonly byte[] _buffer;
    private long _bufferStart;
    private int _at;
    private int _filled;

    public PickleStream(ByteSource source, long start, long length)
    {
        const int BufferBytes = 1 << 16;
        (_source, _bufferStart, _end) = (source, start, start + length);
        _buffer = new byte[(int)Math.Min(BufferBytes, length)];
    }

    public long Position => _bufferStart + _at;

    public byte Byte() => Take(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public double BigEndianDouble() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    public string Text(ulong length)
    {
        try
        {
            return Strict.GetString(Bytes(length));
        }
        catch (DecoderFallbackException)
        {
            throw new WeightException($"a text in the pickle, before byte {Position}, is not UTF-8.");
        }
    }

    public byte[] Bytes(ulong length)
    {
        if (length > MaxTextBytes || (long)length > _end - Position)
        {
            throw new WeightException($"the pickle has a text of {length} bytes at byte {Position}, more than it holds or may hold.");
        }

        var bytes = new byte[(int)length];
        for (var done = 0; done < bytes.Length;)
        {
            var piece = Take(Math.Min(bytes.Length - done, _buffer.Length));
            piece.CopyTo(bytes.AsSpan(done));
            done += piece.Length;
        }

        return bytes;
    }

    /// <summary>Up to the next line feed, which is taken too.</summary>
    public string Line()
    {
        var line = new StringBuilder();
        for (var next = Byte(); next != '\n'; next = Byte())
        {
            if (line.Length == MaxLineBytes || next >= 0x80)
            {
                throw new WeightException($"the pickle has a line at byte {Position} that is not a short ASCII text.");
            }

            line.Append((char)next);
        }

        return line.ToString();
    }

    private static readonly UTF8Encoding Strict = new(false, true);

    private ReadOnlySpan<byte> Take(int count)
    {
        if (_filled - _at < count)
        {
            Refill(count);
        }

        _at += count;
        return _buffer.AsSpan(_at - count, count);
    }

    private void Refill(int count)
    {
        if (count > _end - Position)
        {
            throw new WeightException($"the pickle ends at byte {_end}, in the middle of what it says. Is the download complete?");
        }

        _bufferStart = Position;
        _at = 0;
        _filled = (int)Math.Min(_buffer.Length, _end - _bufferStart);
        _source.Fill(_bufferStart, _buffer.AsSpan(0, _filled), "its pickle");
    }
}
