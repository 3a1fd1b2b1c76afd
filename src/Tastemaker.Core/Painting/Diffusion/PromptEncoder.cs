using Tastemaker.Core.Models;

namespace Tastemaker.Core.Painting.Diffusion;

/// <summary>The text encoder, ready to run: from token ids to what the UNet reads. Many threads may call.</summary>
public sealed class PromptEncoder : IDisposable
{
    internal const string Ids = "ids", Output = "states";

    private readonly Session _session;

    internal PromptEncoder(Session session, int width) => (_session, Width) = (session, width);

    /// <summary>Of one token's state.</summary>
    public int Width { get; }

    /// <param name="ids">[N, tokens], whole windows of the tower's length each.</param>
    /// <returns>[N, tokens, width].</returns>
    /// <exception cref="ModelException">What came out are no numbers.</exception>
    public float[] Encode(ReadOnlySpan<long> ids, int count, CancellationToken cancel) =>
        Numbers.Checked(_session.Run(Ids, ids, [count, ids.Length / count], Output, cancel), "text encoder");

    public void Dispose() => _session.Dispose();
}
