using Tastemaker.Core.Embedding;
using Tastemaker.Core.Library;
using Tastemaker.Core.Models;
using Tastemaker.Core.Platform;
using Tastemaker.Core.Taste;

namespace Tastemaker.App;

/// <summary>The studio in use: opens each of its parts when it is first asked for, and closes them all.</summary>
/// <param name="models">The store to use, which then belongs to the workspace; by default the studio's own, with the built-in manifest.</param>
internal sealed class Workspace(StudioFolder folder, ModelStore? models = null) : IDisposable
{
    private StudioDatabase? _database;
    private ModelStore? _models = models;

    public StudioFolder Folder { get; } = folder;

    public StudioDatabase Database => _database ??= StudioDatabase.Open(Folder, TimeProvider.System);

    public ImageLibrary Library => new(Database);

    public ModelStore Models => _models ??= new(Folder.Models, TimeProvider.System);

    /// <summary>Heads by name; without names, every installed one that takes the space (with <c>plain</c> for the built-in encoder).</summary>
    public IReadOnlyList<ScoringHead> Heads(IReadOnlyList<string> names, FeatureSpace? space)
    {
        if (names.Count > 0)
        {
            return [.. names.Distinct(StringComparer.OrdinalIgnoreCase).Select(Head)];
        }

        var built = space?.Name == GistImageEncoder.BuiltIn ? [PlainHead.Create()] : Array.Empty<ScoringHead>();
        var fitting = Models.List().Models.Where(m => m.Kind == ModelKind.Head && (space is null || m.Space.Accepts(space, out _, out _)));
        return [.. built, .. fitting.Select(m => Head(m.Name))];
    }

    /// <summary>
    /// The encoder of that name. Without a name: an installed one whose vectors the heads take, else any installed one,
    /// else the built-in.
    /// </summary>
    public IEncoder Encoder(string? name, IReadOnlyList<ScoringHead> heads, EncoderOptions options)
    {
        if (name == GistImageEncoder.BuiltIn)
        {
            return new GistImageEncoder(options.Orientation);
        }

        if (name is not null)
        {
            return OpenEncoder(name, options);
        }

        var installed = Models.List().Models.Where(m => m.Kind == ModelKind.Encoder).ToList();
        if (heads.Count == 0)
        {
            return installed.Count > 0 ? OpenEncoder(installed[0].Name, options) : new GistImageEncoder(options.Orientation);
        }

        var wanted = heads[0].Space;
        var fitting = installed.Where(m => wanted.Accepts(m.Space, out _, out _)).OrderByDescending(m => m.Space.Name == wanted.Name).FirstOrDefault();
        return fitting is not null ? OpenEncoder(fitting.Name, options)
            : wanted.Name == GistImageEncoder.BuiltIn ? new GistImageEncoder(options.Orientation)
            : throw new UserException($"head '{heads[0].Name}' takes vectors of the space {wanted}, and no installed encoder gives them."
                + (wanted.Name is { } space && Models.Manifest.Find(space) is not null ? $" 'taste models pull {space}' installs one." : " 'taste models list' shows what there is."));
    }

    public VectorStore Vectors(IEncoder encoder) => VectorStore.Open(Database, Folder, encoder.Name, encoder.Fingerprint, encoder.Space.Dimensions);

    public OpenModel OpenModel(string name, ModelKind kind)
    {
        var model = Models.Open(name);
        if (model.Model.Kind != kind)
        {
            model.Dispose();
            throw new UserException($"'{name}' is no {$"{kind}".ToLowerInvariant()} but a {$"{model.Model.Kind}".ToLowerInvariant()}. "
                + "'taste models list' shows what is what.");
        }

        return model;
    }

    public void Dispose()
    {
        _models?.Dispose();
        _database?.Dispose();
    }

    private ScoringHead Head(string name) => name == PlainHead.Name ? PlainHead.Create() : ScoringHead.Open(Models, name);

    private ClipImageEncoder OpenEncoder(string name, EncoderOptions options)
    {
        var model = OpenModel(name, ModelKind.Encoder);
        try
        {
            return ClipImageEncoder.Open(model, options);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
