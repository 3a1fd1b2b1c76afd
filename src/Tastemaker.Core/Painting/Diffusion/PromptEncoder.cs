using Tastemaker.Core.Models;

namespace Tastemaker.Core.Painting.Diffusion;

/// <summary>The text encoder, ready to run: from token ids to what the UNet reads. Many threads may call.</summary>
public sealed class PromptEncoder : IPromptStates, IDisposable
{
    internal const string Ids = "ids", Output = "states";

    private readonly Session _session;

    internal PromptEncoder(Session session, int width) => (_session, Width) = (session, width);

    /// <inheritdoc/>
    public int Width { get; }

    /// <inheritdoc/>
    public float[] Encode(ReadOnlySpan<long> ids, int count, CancellationToken cancel) =>
        Numbers.Checked(_session.Run(Ids, ids, [count, ids.Length / count], Output, cancel), "text encoder");

    public void Dispose() => _session.Dispose();
}
