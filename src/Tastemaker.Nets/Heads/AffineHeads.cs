namespace Tastemaker.Nets.Heads;

/// <summary>Several heads over the same vectors: each row is read and widened once.</summary>
public static class AffineHeads
{
    private const int HalfBytes = 2;

    /// <summary>The scores that <see cref="AffineHead.Score(ReadOnlySpan{byte}, int, Span{float})"/> of each head gives, to the bit.</summary>
    /// <param name="scores">Row after row, a score for each head: [rows, heads].</param>
    public static void Score(IReadOnlyList<AffineHead> heads, ReadOnlySpan<byte> rows, int stride, Span<float> scores)
    {
        if (heads.Count == 0 || heads.Any(head => head.Weight.Length != heads[0].Weight.Length) || scores.Length % heads.Count != 0)
        {
            throw new ArgumentException($"{heads.Count} heads, all of one width, and a score for each of them and each row are wanted.", nameof(heads));
        }

        if (heads.Count == 1)
        {
            heads[0].Score(rows, stride, scores);
            return;
        }

        var length = heads[0].Weight.Length * HalfBytes;
        RequireRows(rows.Length, stride, scores.Length / heads.Count, length);
        float[][] weights = [.. heads.Select(head => Padded(head.Weight))];
        var row = new float[weights[0].Length];
        for (var i = 0; i < scores.Length / heads.Count; i++)
        {
            RowDot.Widen(rows.Slice((int)((long)i * stride), length), row);
            var squares = RowDot.OfFloats(row, row);
            for (var h = 0; h < heads.Count; h++)
            {
                scores[(i * heads.Count) + h] = heads[h].Of(RowDot.OfFloats(row, weights[h]), squares);
            }
        }
    }

    internal static void RequireRows(int bytes, int stride, int count, int length)
    {
        if (stride < length || (count > 0 && (((count - 1L) * stride) + length > bytes)))
        {
            throw new ArgumentException($"{bytes} bytes do not hold {count} rows of {length} bytes, {stride} apart.", nameof(bytes));
        }
    }

    /// <summary>The numbers followed by zeros up to a whole block of <see cref="RowDot"/>.</summary>
    internal static float[] Padded(ReadOnlySpan<float> numbers)
    {
        var padded = new float[RowDot.Padded(numbers.Length)];
        numbers.CopyTo(padded);
        return padded;
    }
}
