using System.Text.Json.Serialization;

namespace Tastemaker.Core.Models;

public enum ModelKind
{
    /// <summary>Turns an image, and most of them a text, into a vector.</summary>
    Encoder,

    /// <summary>Turns a vector into a score.</summary>
    Head,

    /// <summary>One vector: a direction in an encoder's space.</summary>
    Embedding,
}

/// <summary>A model in the store, as its <c>model.json</c> describes it.</summary>
/// <param name="Layout">Whose names the weights carry: hugging-face, openai, open-clip; linear, layers; vector.</param>
/// <param name="Weights">The name of the file among <paramref name="Files"/> that holds the weights.</param>
/// <param name="Source">The address or the local path it came from.</param>
/// <param name="Installed">When it landed here, in UTC.</param>
public sealed record Model(
    string Name,
    ModelKind Kind,
    FeatureSpace Space,
    string Layout,
    string Weights,
    IReadOnlyList<ModelFile> Files,
    string Source,
    string Licence,
    DateTimeOffset Installed)
{
    /// <summary>The manifest's name, where this is one of its models under whatever name it was stored.</summary>
    public string? KnownAs { get; init; }

    public string? Description { get; init; }

    /// <summary>The score from which its authors call an image good.</summary>
    public double? Threshold { get; init; }

    /// <summary>Where its files are.</summary>
    [JsonIgnore]
    public string Folder { get; init; } = "";

    [JsonIgnore]
    public long Size => Files.Sum(f => f.Size);

    /// <summary>The full path of one of its files, or null where it has none of that name.</summary>
    public string? PathOf(string file) => Files.Any(f => f.Name == file) ? Path.Combine(Folder, file) : null;
}

/// <param name="Sha256">In lower-case hex; as recorded when the file landed.</param>
/// <param name="Published">Whether the publisher names the same checksum, rather than only our first download.</param>
public sealed record ModelFile(string Name, long Size, string Sha256, bool Published);

/// <summary>What the store holds, and the folders in it whose <c>model.json</c> cannot be read.</summary>
public sealed record ModelListing(IReadOnlyList<Model> Models, IReadOnlyList<DamagedModel> Damaged);

public sealed record DamagedModel(string Name, string Why);

/// <summary>The files of a model against the checksums recorded for them.</summary>
public sealed record Verification(Model Model, IReadOnlyList<FileVerdict> Files)
{
    public bool Passed => Files.All(f => f.Trouble is null);
}

/// <param name="Trouble">Null where the file is as recorded; else what is wrong with it.</param>
public sealed record FileVerdict(ModelFile File, string? Trouble);

/// <param name="Name">The name to store it under; null takes the published one, else the file's.</param>
/// <param name="Space">The feature space that the user declares.</param>
public sealed record ImportOptions(string? Name = null, string? Space = null);

/// <summary>How far one file has come.</summary>
/// <param name="Total">Null while the server has not said.</param>
/// <param name="Note">A sentence worth showing: a retry, a wait, a restart.</param>
public sealed record DownloadProgress(string File, long Done, long? Total, string? Note = null);
