using Tastemaker.Native;

namespace Tastemaker.Core.Embedding;

/// <summary>One encoder's vectors at one moment, as they lie in the mapped file. The spans end with <see cref="Dispose"/>.</summary>
public sealed class VectorRows : IDisposable
{
    private readonly MappedFile? _file;
    private readonly (long ImageId, long Row)[] _named; // by row

    internal VectorRows(MappedFile? file, (long ImageId, long Row)[] named, int stride, int dims)
    {
        _file = file;
        _named = named;
        Stride = stride;
        Dims = dims;
    }

    public int Count => _named.Length;

    /// <summary>Numbers in one vector.</summary>
    internal int Dims { get; }

    /// <summary>From the start of one row to the start of the next, in bytes.</summary>
    internal int Stride { get; }

    public long ImageId(int index) => _named[index].ImageId;

    /// <summary>Cuts all vectors into runs that lie one after the other in the file.</summary>
    /// <param name="most">Vectors in a run.</param>
    internal IEnumerable<VectorRun> Runs(int most = 4096)
    {
        var longest = Math.Clamp(most, 1, int.MaxValue / Stride);
        for (var first = 0; first < Count;)
        {
            var count = 1;
            while (count < longest && first + count < Count && _named[first + count].Row == _named[first].Row + count)
            {
                count++;
            }

            yield return new(first, count);
            first += count;
        }
    }

    /// <summary>The rows of a run: <see cref="Dims"/> float16 numbers at the start of every <see cref="Stride"/> bytes.</summary>
    internal ReadOnlySpan<byte> Bytes(VectorRun run) =>
        _file!.Span(VectorFile.Offset(_named[run.First].Row, Stride), run.Count * Stride);

    /// <summary>One vector: <see cref="Dims"/> float16 numbers, and its check.</summary>
    internal ReadOnlySpan<byte> Row(int index) => _file!.Span(VectorFile.Offset(_named[index].Row, Stride), Stride);

    public void Dispose() => _file?.Dispose();
}

/// <param name="First">Index of its first vector in <see cref="VectorRows"/>.</param>
internal readonly record struct VectorRun(int First, int Count);
