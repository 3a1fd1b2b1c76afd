using Tastemaker.Core.Embedding;
using Tastemaker.Nets.Gist;
using Tastemaker.Nets.Heads;

namespace Tastemaker.Core.Taste;

/// <summary>
/// The head that comes with the built-in encoder: a rule of thumb, not a learned taste. It likes what Datta et al. (2006) and
/// Ke et al. (2006) found to go with higher ratings of photographs: colour, contrast, sharpness, an even histogram, weight on
/// the thirds; and dislikes noise and clipped tones. 5 is an ordinary picture, a deviation about 1.
/// </summary>
public static class PlainHead
{
    public const string Name = "plain";

    private const float Middle = 5;

    private static readonly (string Feature, float Weight)[] Liked =
    [
        ("colour.colourfulness", 1), ("light.contrast.rms", 1), ("sharpness.level0", 1), ("light.entropy", 0.5f), ("salience.thirds", 0.5f),
        ("noise", -1), ("light.black", -0.5f), ("light.white", -0.5f),
    ];

    public static ScoringHead Create()
    {
        // Features have a deviation of about 1 each, so a unit vector's have 1 / √dimensions.
        var scale = MathF.Sqrt(GistEncoder.Dimensions / Liked.Sum(l => l.Weight * l.Weight));
        var weight = new float[GistEncoder.Dimensions];
        foreach (var (feature, liking) in Liked)
        {
            weight[GistEncoder.Names.Index().First(n => n.Item == feature).Index] = liking * scale;
        }

        return new(Name, new(GistImageEncoder.BuiltIn, GistEncoder.Dimensions), new AffineHead(weight, Middle));
    }
}
