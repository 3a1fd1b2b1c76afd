using Tastemaker.Core.Embedding;
using Tastemaker.Nets.Heads;

namespace Tastemaker.Core.Taste.Preference;

/// <summary>
/// What the taste model sees of every image of a studio: its unit feature vector, centred on the studio's mean and turned onto the
/// directions in which the studio's images differ most, and the scores of the installed heads.
/// </summary>
/// <remarks>
/// A linear model with one prior variance in all directions does not notice a rotation; what lies outside the kept directions is
/// left to the images' own residues. So 256 numbers do for 768 or 1024, and every later step costs a ninth.
/// </remarks>
internal sealed class TasteFeatures
{
    /// <summary>Directions kept at most.</summary>
    public const int MostDirections = 256;

    private readonly FeatureBasis _basis;
    private readonly Dictionary<long, int> _places;

    private TasteFeatures(FeatureBasis basis, long[] images, float[] rows)
    {
        (_basis, Images, Rows) = (basis, images, rows);
        _places = new(images.Length);
        for (var i = 0; i < images.Length; i++)
        {
            _places.Add(images[i], i);
        }
    }

    /// <summary>The images' numbers in the studio, in the order of the rows.</summary>
    public long[] Images { get; }

    public int Count => Images.Length;

    /// <summary>Numbers in a row: the kept directions, then the heads.</summary>
    public int Width => _basis.Width;

    /// <summary>How many heads' scores end a row.</summary>
    public int Heads => _basis.Heads.Count;

    /// <summary>[Count, Width]. Over the studio, the squares of an image's directions add up to 1 on average, and every head has mean 0 and deviation 1.</summary>
    public float[] Rows { get; }

    public ReadOnlySpan<float> this[int image] => Rows.AsSpan(image * Width, Width);

    /// <summary>Whether a weight means the same in both.</summary>
    public bool IsOver(TasteFeatures other) => _basis == other._basis;

    public int? PlaceOf(long image) => _places.TryGetValue(image, out var place) ? place : null;

    /// <summary>A linear function of a row, folded to one over the encoder's raw vectors.</summary>
    public AffineHead Fold(ReadOnlySpan<double> weights) => _basis.Fold(weights);

    /// <param name="heads">Of the vectors' feature space.</param>
    public static TasteFeatures Of(VectorRows rows, IReadOnlyList<ScoringHead> heads, CancellationToken cancel)
    {
        var sheet = ScoreSheet.Of(rows, heads, cancel);
        return Of(UnitVectors.Of(rows), heads, sheet.Raw, cancel);
    }

    /// <param name="scores">A head's raw scores of all vectors, by the head's place.</param>
    public static TasteFeatures Of(UnitVectors vectors, IReadOnlyList<ScoringHead> heads, Func<int, ReadOnlyMemory<float>> scores, CancellationToken cancel) =>
        With(FeatureBasis.Of(vectors, heads, scores, cancel), vectors, scores, null, cancel);

    /// <summary>The same directions over the studio as it is now, with the images that it gained and without those that it lost.</summary>
    public TasteFeatures Follow(VectorRows rows, CancellationToken cancel) =>
        With(_basis, UnitVectors.Of(rows), ScoreSheet.Of(rows, _basis.Heads, cancel).Raw, this, cancel);

    /// <summary>The row that a vector of the encoder would have.</summary>
    /// <param name="vector">Not normalised.</param>
    public float[] RowOf(ReadOnlySpan<float> vector)
    {
        var unit = UnitVectors.Of([vector.ToArray()]);
        var (padded, row) = (new float[unit.Padded], new float[Width]);
        unit.Read(0, padded);
        _basis.Project(padded, row.AsSpan(0, Width - Heads));
        for (var h = 0; h < Heads; h++)
        {
            row[Width - Heads + h] = _basis.Standard(h, _basis.Heads[h].Score(vector));
        }

        return row;
    }

    /// <param name="known">Rows over the same directions that need not be computed again; or null.</param>
    private static TasteFeatures With(FeatureBasis basis, UnitVectors vectors, Func<int, ReadOnlyMemory<float>> scores, TasteFeatures? known, CancellationToken cancel)
    {
        var (width, directions) = (basis.Width, basis.Width - basis.Heads.Count);
        var into = new float[(long)vectors.Count * width];
        const int Block = 256;
        var options = new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, (vectors.Count + Block - 1) / Block, options, block =>
        {
            var unit = new float[vectors.Padded];
            for (var i = block * Block; i < Math.Min((block + 1) * Block, vectors.Count); i++)
            {
                if (known?.PlaceOf(vectors.Image(i)) is { } place)
                {
                    known[place][..directions].CopyTo(into.AsSpan(i * width));
                }
                else
                {
                    vectors.Read(i, unit);
                    basis.Project(unit, into.AsSpan(i * width, directions));
                }

                for (var h = 0; h < basis.Heads.Count; h++)
                {
                    into[(i * width) + directions + h] = basis.Standard(h, scores(h).Span[i]);
                }
            }
        });
        return new(basis, [.. Enumerable.Range(0, vectors.Count).Select(vectors.Image)], into);
    }
}
