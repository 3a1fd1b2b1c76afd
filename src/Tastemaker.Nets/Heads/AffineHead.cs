using System.Runtime.InteropServices;

namespace Tastemaker.Nets.Heads;

/// <summary>A head that is one direction: score = w·x / |x| + b. Scores are the same bits on every machine.</summary>
/// <param name="Weight">As long as the vectors that it scores.</param>
public sealed record AffineHead(float[] Weight, float Bias)
{
    private const int HalfBytes = 2;

    /// <summary>Scores vectors as an encoder gave them: each is divided by its length, the zero vector by 1.</summary>
    /// <param name="rows">Row after row of <see cref="Weight"/>'s length.</param>
    /// <param name="scores">One for each row; NaN for a row that holds an infinity or a NaN.</param>
    public void Score(ReadOnlySpan<Half> rows, Span<float> scores)
    {
        if (rows.Length != (long)scores.Length * Weight.Length)
        {
            throw new ArgumentException($"{rows.Length} numbers are not {scores.Length} rows of {Weight.Length}.", nameof(rows));
        }

        Score(MemoryMarshal.AsBytes(rows), Weight.Length * HalfBytes, scores);
    }

    /// <summary>The same for rows that lie apart, as in a file where something follows each of them.</summary>
    /// <param name="rows">Little-endian halves; the bytes between the rows are not looked at.</param>
    /// <param name="stride">Bytes from the start of one row to the start of the next.</param>
    public void Score(ReadOnlySpan<byte> rows, int stride, Span<float> scores)
    {
        var length = Weight.Length * HalfBytes;
        AffineHeads.RequireRows(rows.Length, stride, scores.Length, length);
        var weights = AffineHeads.Padded(Weight);
        for (var i = 0; i < scores.Length; i++)
        {
            var (dot, squares) = RowDot.OfHalves(rows.Slice((int)((long)i * stride), length), weights);
            scores[i] = Of(dot, squares);
        }
    }

    /// <summary>Scores one vector as an encoder gave it.</summary>
    public float Score(ReadOnlySpan<float> raw)
    {
        if (raw.Length != Weight.Length)
        {
            throw new ArgumentException($"the vector has {raw.Length} numbers; the head wants {Weight.Length}.", nameof(raw));
        }

        var row = AffineHeads.Padded(raw);
        return Of(RowDot.OfFloats(row, AffineHeads.Padded(Weight)), RowDot.OfFloats(row, row));
    }

    internal float Of(float dot, float squares) =>
        float.IsFinite(squares) ? (float)((dot / (squares == 0 ? 1 : Math.Sqrt(squares))) + Bias) : float.NaN;
}
