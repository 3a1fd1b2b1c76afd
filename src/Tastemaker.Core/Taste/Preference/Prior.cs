namespace Tastemaker.Core.Taste.Preference;

/// <summary>
/// What the model assumes of a person before it knows them, and how it reads what they say. All of it but the heads' part is fitted.
/// </summary>
/// <param name="Linear">Variance of the utility's linear part over the studio's images.</param>
/// <param name="Residue">Variance of what an image has of its own.</param>
internal sealed record Prior(double Linear, double Residue)
{
    /// <summary>
    /// Where the search starts, and what it returns to without evidence. A person who repeats three choices in four has utilities of
    /// variance 4 or so (a lead of 1 wins 73 %), most of which features explain.
    /// </summary>
    public static Prior Default { get; } = new(3, 1);

    /// <summary>The lead below which two images are as good as equal.</summary>
    public double Margin { get; init; }

    /// <summary>By reader number; readers that are not in it are not read.</summary>
    public IReadOnlyDictionary<int, Reading> Readers { get; init; } = new Dictionary<int, Reading>();

    /// <summary>Log density of the two variances: log-normal about <see cref="Default"/>, with which a few choices cannot lead far away.</summary>
    public double LogDensity
    {
        get
        {
            const double Spread = 1;
            var (linear, residue) = (Math.Log(Linear / Default.Linear) / Spread, Math.Log(Residue / Default.Residue) / Spread);
            return -0.5 * ((linear * linear) + (residue * residue));
        }
    }

    /// <summary>Mean of the weights: none of its own for a direction; together the heads count as one unit of utility, until choices say more.</summary>
    public static double[] Mean(TasteFeatures features)
    {
        var mean = new double[features.Width];
        mean.AsSpan(features.Width - features.Heads).Fill(1.0 / Math.Max(features.Heads, 1));
        return mean;
    }

    /// <summary>Variances of the weights.</summary>
    public double[] Variances(TasteFeatures features)
    {
        var variances = new double[features.Width];
        Array.Fill(variances, Linear);
        variances.AsSpan(features.Width - features.Heads).Fill(1.0 / Math.Max(features.Heads, 1));
        return variances;
    }

    /// <summary>The likelihood of an observation; null for one that says nothing, such as a rating by one who rates all alike.</summary>
    public Factor? Factor(Observation seen) => seen.Kind switch
    {
        ObservationKind.Choice => Preference.Factor.Win(Margin),
        ObservationKind.Draw => Preference.Factor.Draw(Margin),
        ObservationKind.Rating => Readers.TryGetValue(seen.Reader, out var r) ? Preference.Factor.Reading((seen.Value - r.Offset) / r.Slope, r.Slope * r.Slope / r.Noise) : null,
        ObservationKind.Keep => Preference.Factor.Keep(Readers.TryGetValue(seen.Reader, out var r) ? r.Offset : 0),
        _ => Preference.Factor.Reject(Readers.TryGetValue(seen.Reader, out var r) ? r.Offset : 0),
    };
}

/// <summary>How one reader puts utility u into a number: Offset + Slope u, and noise of variance Noise. Of picks, Offset is the threshold in units of utility.</summary>
internal readonly record struct Reading(double Offset, double Slope, double Noise);
