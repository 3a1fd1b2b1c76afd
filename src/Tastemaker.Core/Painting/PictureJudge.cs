using Tastemaker.Core.Embedding;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Taste;

namespace Tastemaker.Core.Painting;

/// <summary>Scores pictures that are no files yet.</summary>
/// <param name="heads">Of the encoder's space; the first decides.</param>
public sealed class PictureJudge(IEncoder encoder, IReadOnlyList<ScoringHead> heads)
{
    public IReadOnlyList<ScoringHead> Heads { get; } = heads;

    /// <returns>The raw score of each head, in their order.</returns>
    public IReadOnlyList<float> Score(Raster picture, CancellationToken cancel)
    {
        var features = encoder.Encode(picture, cancel);
        return [.. Heads.Select(head => head.Score(features))];
    }
}
