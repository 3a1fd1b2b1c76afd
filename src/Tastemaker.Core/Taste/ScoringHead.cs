using Tastemaker.Core.Models;
using Tastemaker.Nets.Heads;

namespace Tastemaker.Core.Taste;

/// <summary>A head with its name: what turns stored vectors into scores.</summary>
public sealed class ScoringHead
{
    private readonly Head? _layers;

    public ScoringHead(string name, FeatureSpace space, AffineHead folded, Calibration? calibration = null)
    {
        (Name, Space, Folded, Calibration) = (name, space, folded, calibration);
    }

    internal ScoringHead(string name, FeatureSpace space, Head head)
    {
        (Name, Space, Calibration) = (name, space, head.Calibration);
        Folded = head.IsAffine ? head.Fold() : null;
        _layers = head.IsAffine ? null : head;
    }

    public string Name { get; }

    /// <summary>The published head that this is, under whatever name it is installed.</summary>
    public string? KnownAs { get; private init; }

    public FeatureSpace Space { get; }

    /// <summary>Where its scores lay over the images that it was made on; null where nobody wrote that down.</summary>
    public Calibration? Calibration { get; }

    /// <summary>What it was trained on here; null for a head from elsewhere.</summary>
    public HeadOrigin? Origin { get; private init; }

    /// <summary>One vector, for a head without activations; null for one with.</summary>
    internal AffineHead? Folded { get; }

    /// <summary>A head of the store.</summary>
    /// <exception cref="ModelException">There is none of that name, or it is no head.</exception>
    public static ScoringHead Open(ModelStore store, string name)
    {
        using var model = store.Open(name);
        return model.Model.Kind == ModelKind.Head
            ? new(model.Model.Name, model.Model.Space, Head.From(model.Checkpoint)) { KnownAs = model.Model.KnownAs, Origin = HeadOrigin.From(model.Checkpoint.Metadata) }
            : throw new ModelException($"'{name}' is an {$"{model.Model.Kind}".ToLowerInvariant()}, not a head; it gives no scores. "
                + "'taste models list' shows the heads.");
    }

    /// <summary>Scores one vector as an encoder gave it, not normalised.</summary>
    public float Score(ReadOnlySpan<float> raw)
    {
        if (Folded is not null)
        {
            return Folded.Score(raw);
        }

        var squares = 0.0;
        foreach (var x in raw)
        {
            squares += (double)x * x;
        }

        var (length, unit) = (squares == 0 ? 1 : Math.Sqrt(squares), new float[raw.Length]);
        for (var i = 0; i < unit.Length; i++)
        {
            unit[i] = (float)(raw[i] / length);
        }

        return _layers!.Score(unit);
    }
}
