using System.Diagnostics.CodeAnalysis;

namespace Tastemaker.Core.Models;

/// <summary>
/// The space an encoder's vectors lie in, and the one that a head or an embedding was made for.
/// Two encoders of the same size still disagree about what each axis means, so the name decides and the size is only a check.
/// </summary>
/// <param name="Name">Such as <c>clip-vit-l-14</c>; null where nobody declared it.</param>
/// <param name="Dimensions">Numbers in one vector.</param>
public sealed record FeatureSpace(string? Name, int Dimensions)
{
    internal const int MostDimensions = 1 << 16;

    /// <summary>Whether vectors of <paramref name="vectors"/> may be given to what was made for this space.</summary>
    /// <param name="doubt">Where they may only because one of the two is undeclared: a sentence for the user.</param>
    /// <param name="refusal">Where they may not: why, with both spaces.</param>
    public bool Accepts(FeatureSpace vectors, out string? doubt, [NotNullWhen(false)] out string? refusal)
    {
        var declared = Name is not null && vectors.Name is not null;
        var fits = Dimensions == vectors.Dimensions && (!declared || Name == vectors.Name);
        refusal = fits ? null : $"it takes vectors of the space {this}; these are of {vectors}";
        doubt = fits && !declared
            ? $"it takes vectors of the space {this}; these are of {vectors}: "
                + "the scores mean something only if both come from the same weights"
            : null;
        return fits;
    }

    public override string ToString() => Name is null ? $"undeclared ({Dimensions}-d)" : $"'{Name}' ({Dimensions}-d)";
}
