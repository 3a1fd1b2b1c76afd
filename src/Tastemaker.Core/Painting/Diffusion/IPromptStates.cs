namespace Tastemaker.Core.Painting.Diffusion;

/// <summary>From token ids to what the UNet reads: the checkpoint's own text encoder, or one that was drawn towards a taste.</summary>
public interface IPromptStates
{
    /// <summary>Of one token's state.</summary>
    int Width { get; }

    /// <summary>Whether negative prompts are read through it too, rather than through the checkpoint's own text encoder.</summary>
    bool ReadsNegatives => false;

    /// <param name="ids">[N, tokens], whole windows of the tower's length each.</param>
    /// <returns>[N, tokens, width].</returns>
    /// <exception cref="Models.ModelException">What came out are no numbers.</exception>
    float[] Encode(ReadOnlySpan<long> ids, int count, CancellationToken cancel);
}
