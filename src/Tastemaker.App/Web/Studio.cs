using System.Collections.Concurrent;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;
using Tastemaker.Core.Taste;

namespace Tastemaker.App.Web;

/// <summary>The studio as pages and endpoints use it: its images, its heads, and every taste that was asked for, live. Many threads may call.</summary>
internal sealed class Studio : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<TasteSession>> _sessions = new(StringComparer.Ordinal);

    public Studio(ServeRequest request)
    {
        (Request, Library, Log) = (request, request.Workspace.Library, new(request.Workspace.Database));
        Vectors = request.Workspace.Vectors(request.Encoder);
        Heads = request.Workspace.Heads([], request.Encoder.Space);
    }

    public ServeRequest Request { get; }

    public StudioFolder Folder => Request.Workspace.Folder;

    public IEncoder Encoder => Request.Encoder;

    public ImageLibrary Library { get; }

    public JudgementLog Log { get; }

    public VectorStore Vectors { get; }

    /// <summary>That take the encoder's vectors.</summary>
    public IReadOnlyList<ScoringHead> Heads { get; }

    /// <summary>Opens a taste when it is first asked for; it stays open.</summary>
    /// <exception cref="JudgingException">The name cannot be a taste's.</exception>
    public TasteSession Session(string taste)
    {
        TasteName.Demand(taste);
        return _sessions.GetOrAdd(taste, name => new(() => TasteSession.Open(Log, Vectors, Heads, name, Seed()))).Value;
    }

    /// <summary>The images of those numbers, in their order; null where there is none.</summary>
    public IReadOnlyList<StudioImage?> Images(IReadOnlyList<long> ids) => Library.Images(ids);

    /// <summary>The image of that content id; null where the studio has none.</summary>
    public StudioImage? Image(string contentId) => Library.Image(contentId);

    public void Dispose()
    {
        foreach (var session in _sessions.Values.Where(s => s.IsValueCreated))
        {
            session.Value.Dispose();
        }
    }

    /// <summary>Another one each time, so that a restart does not repeat the pairs of the last.</summary>
    private static int Seed() => System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue);
}
