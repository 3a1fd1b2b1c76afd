namespace Tastemaker.Core.Imaging;

/// <summary>GIF's Lempel–Ziv–Welch: codes that grow to 12 bits, lowest bit first.</summary>
internal ref struct Lzw
{
    private const int MaxBits = 12, MaxCodes = 1 << MaxBits;

    private readonly ReadOnlySpan<byte> _data;
    private readonly int _rootBits;
    private readonly ushort[] _prefix = new ushort[MaxCodes];
    private readonly byte[] _suffix = new byte[MaxCodes];
    private readonly ushort[] _length = new ushort[MaxCodes];
    private uint _held;
    private int _heldBits;
    private int _at;

    private Lzw(ReadOnlySpan<byte> data, int rootBits)
    {
        _data = data;
        _rootBits = rootBits;
        for (var i = 0; i < 1 << rootBits; i++)
        {
            (_suffix[i], _length[i]) = ((byte)i, 1);
        }
    }

    /// <summary>Unpacks pixels until <paramref name="output"/> is full.</summary>
    /// <param name="rootBits">Bits of a pixel, 1–11.</param>
    public static void Expand(ImageSource source, ReadOnlySpan<byte> data, int rootBits, Span<byte> output) =>
        new Lzw(data, rootBits).Expand(source, output);

    private void Expand(ImageSource source, Span<byte> output)
    {
        var (clear, end) = (1 << _rootBits, (1 << _rootBits) + 1);
        var (codes, bits, previous, written) = (end + 1, _rootBits + 1, -1, 0);
        while (written < output.Length)
        {
            var code = Next(bits);
            if (code == clear)
            {
                (codes, bits, previous) = (end + 1, _rootBits + 1, -1);
                continue;
            }

            if (code < 0 || code == end)
            {
                throw source.EndsEarly($"{written} of {output.Length} pixels");
            }

            if (code > codes || (code == codes && previous < 0))
            {
                throw source.Damaged($"code {code} before it is defined");
            }

            // A code that is only now defined is the one before with its own first pixel behind it.
            var isFresh = code == codes;
            var start = written;
            written += Write(isFresh ? previous : code, output[written..]);
            var first = output[start];
            if (isFresh && written < output.Length)
            {
                output[written++] = first;
            }

            if (previous >= 0 && codes < MaxCodes)
            {
                (_prefix[codes], _suffix[codes], _length[codes]) = ((ushort)previous, first, (ushort)(_length[previous] + 1));
                codes++;
                bits += codes == 1 << bits && bits < MaxBits ? 1 : 0;
            }

            previous = code;
        }
    }

    /// <summary>The next code; −1 where the data ends.</summary>
    private int Next(int bits)
    {
        while (_heldBits < bits)
        {
            if (_at == _data.Length)
            {
                return -1;
            }

            _held |= (uint)_data[_at++] << _heldBits;
            _heldBits += 8;
        }

        var code = (int)(_held & ((1u << bits) - 1));
        _held >>= bits;
        _heldBits -= bits;
        return code;
    }

    /// <summary>The pixels of a code, as many as there is room for; how many that were.</summary>
    private readonly int Write(int code, Span<byte> output)
    {
        int length = _length[code];
        for (var to = length - 1; to >= 0; to--, code = _prefix[code])
        {
            if (to < output.Length)
            {
                output[to] = _suffix[code];
            }
        }

        return Math.Min(length, output.Length);
    }
}
