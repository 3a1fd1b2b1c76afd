using System.Collections.Concurrent;
using System.Security.Cryptography;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Library;
using Tastemaker.Core.Painting.Aesthetics;
using Tastemaker.Core.Platform;
using Tastemaker.Core.Taste;

namespace Tastemaker.App.Web;

/// <summary>The studio as pages and endpoints use it: its images, its heads, and every taste that was asked for, live. Many threads may call.</summary>
internal sealed class Studio : IDisposable
{
    /// <summary>Each holds a figure or two of every image.</summary>
    private const int MostTastes = 64;

    private readonly ConcurrentDictionary<string, Lazy<Open>> _tastes = new(StringComparer.Ordinal);

    public Studio(ServeRequest request)
    {
        (Request, Library, Log) = (request, request.Workspace.Library, new(request.Workspace.Database));
        Vectors = request.Workspace.Vectors(request.Encoder);
        Heads = request.Workspace.Heads([], request.Encoder.Space);
        Tags = new(request.Workspace.Database);
        Wall = new(Library, Tags, Vectors, Heads, TimeProvider.System);
    }

    public ServeRequest Request { get; }

    public StudioFolder Folder => Request.Workspace.Folder;

    public IEncoder Encoder => Request.Encoder;

    public ImageLibrary Library { get; }

    public JudgementLog Log { get; }

    public VectorStore Vectors { get; }

    /// <summary>That take the encoder's vectors.</summary>
    public IReadOnlyList<ScoringHead> Heads { get; }

    /// <summary>Names of those that prompts can be drawn towards.</summary>
    public IEnumerable<string> Aesthetics => new AestheticStore(Request.Workspace.Models).List().Select(model => model.Name);

    public ImageTags Tags { get; }

    /// <summary>All images, sorted and filtered.</summary>
    public ImageWall Wall { get; }

    /// <summary>Opens a taste when it is first asked for; it stays open.</summary>
    /// <exception cref="JudgingException">The name cannot be a taste's, or very many are open.</exception>
    public TasteSession Session(string taste) => Find(taste).Session;

    /// <summary>What stands of a taste's judgements, by image.</summary>
    /// <exception cref="JudgingException">The name cannot be a taste's, or very many are open.</exception>
    public JudgementTally Tally(string taste) => Find(taste).Tally;

    /// <summary>Lets every open taste take in what came from elsewhere.</summary>
    public void Refresh()
    {
        foreach (var taste in _tastes.Values.Where(t => t.IsValueCreated))
        {
            taste.Value.Session.Refresh();
        }
    }

    /// <summary>The images of those numbers, in their order; null where there is none.</summary>
    public IReadOnlyList<StudioImage?> Images(IReadOnlyList<long> ids) => Library.Images(ids);

    /// <summary>The image of that content id; null where the studio has none.</summary>
    public StudioImage? Image(string contentId) => Library.Image(contentId);

    public void Dispose()
    {
        foreach (var taste in _tastes.Values.Where(t => t.IsValueCreated))
        {
            taste.Value.Session.Dispose();
        }
    }

    private Open Find(string taste)
    {
        TasteName.Demand(taste);
        if (_tastes.Count >= MostTastes && !_tastes.ContainsKey(taste))
        {
            throw new JudgingException($"{MostTastes} tastes are open, and '{taste}' would be one more. Start 'taste serve' again to close them.", JudgingFault.NotNow);
        }

        return _tastes.GetOrAdd(taste, name => new(() => new(TasteSession.Open(Library, Log, Vectors, Heads, name, Seed()), new(Log, name)))).Value;
    }

    /// <summary>Another one each time, so that a restart does not repeat the pairs of the last.</summary>
    private static int Seed() => RandomNumberGenerator.GetInt32(int.MaxValue);

    private sealed record Open(TasteSession Session, JudgementTally Tally);
}
