using System.Runtime.InteropServices;
using Tastemaker.Core.Embedding;

namespace Tastemaker.Core.Taste.Preference;

/// <summary>Feature vectors of images, each divided by its length.</summary>
internal sealed class UnitVectors
{
    private const int Block = 16;

    private readonly Func<int, long> _image;
    private readonly Action<int, Span<float>> _read;

    private UnitVectors(int count, int dimensions, Func<int, long> image, Action<int, Span<float>> read)
    {
        (Count, Dimensions, _image, _read) = (count, dimensions, image, read);
    }

    public int Count { get; }

    public int Dimensions { get; }

    /// <summary>Length of a vector with the zeros that follow it.</summary>
    public int Padded => (Dimensions + Block - 1) / Block * Block;

    public static UnitVectors Of(VectorRows rows) => new(rows.Count, rows.Dims, rows.ImageId, (index, into) =>
    {
        var halves = MemoryMarshal.Cast<byte, Half>(rows.Row(index)[..(rows.Dims * sizeof(ushort))]);
        for (var i = 0; i < halves.Length; i++)
        {
            into[i] = (float)halves[i];
        }
    });

    /// <summary>Vectors that are not of a studio; their places are the images' numbers.</summary>
    public static UnitVectors Of(IReadOnlyList<float[]> vectors) =>
        new(vectors.Count, vectors.Count == 0 ? 1 : vectors[0].Length, i => i, (index, into) => vectors[index].CopyTo(into));

    public long Image(int index) => _image(index);

    /// <summary>Some of them, by their places here.</summary>
    public UnitVectors Only(IReadOnlyList<int> which) => new(which.Count, Dimensions, i => _image(which[i]), (i, into) => _read(which[i], into));

    /// <param name="into">Of the padded length.</param>
    public void Read(int index, Span<float> into)
    {
        _read(index, into);
        into[Dimensions..].Clear();
        var squares = 0.0;
        foreach (var x in into)
        {
            squares += (double)x * x;
        }

        var factor = squares > 0 && double.IsFinite(squares) ? (float)(1 / Math.Sqrt(squares)) : 0;
        for (var i = 0; i < Dimensions; i++)
        {
            into[i] = factor == 0 ? 0 : into[i] * factor;
        }
    }
}
