using Tastemaker.Core.Platform;

namespace Tastemaker.Core.Curation;

/// <summary>What became of the files of a batch.</summary>
public sealed class CurationResult
{
    private readonly List<PlacedFile> _placed = [];
    private readonly List<PlacedFile> _alreadyThere = [];
    private readonly List<string> _restored = [];
    private readonly List<Failure> _failures = [];

    public IReadOnlyList<PlacedFile> Placed => _placed;

    /// <summary>Files whose content was at its place before; they were left where they are.</summary>
    public IReadOnlyList<PlacedFile> AlreadyThere => _alreadyThere;

    /// <summary>Files that got the bytes back that they had before they were edited, or were removed as they were made then.</summary>
    public IReadOnlyList<string> Restored => _restored;

    public IReadOnlyList<Failure> Failures => _failures;

    internal void Add(PlacedFile placed) => _placed.Add(placed);

    internal void AddAlreadyThere(PlacedFile placed) => _alreadyThere.Add(placed);

    internal void AddRestored(string path) => _restored.Add(path);

    internal void Add(Failure failure) => _failures.Add(failure);
}

/// <param name="From">Where the file was.</param>
/// <param name="To">Where it, its copy or its link is.</param>
/// <param name="Note">What is not as it was asked for, if anything.</param>
public sealed record PlacedFile(string From, string To, string? Note);
