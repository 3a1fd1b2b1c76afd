using System.Buffers.Binary;

namespace Tastemaker.Core.Imaging;

/// <summary>Reads a format that we decode ourselves; running past the end is the image ending early.</summary>
internal ref struct ByteReader(ImageSource source, ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; private set; }

    public readonly int Remaining => _bytes.Length - Position;

    public byte Byte() => Take(1)[0];

    public int UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public ReadOnlySpan<byte> Take(int count)
    {
        var taken = count <= Remaining ? _bytes.Slice(Position, count) : throw source.EndsEarly();
        Position += count;
        return taken;
    }

    public void Seek(uint position) =>
        Position = position <= _bytes.Length ? (int)position : throw source.EndsEarly("it points past its end");
}
