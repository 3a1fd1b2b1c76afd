namespace Tastemaker.Core.Models;

/// <summary>
/// The models of a studio: encoders, heads and embeddings, fetched from their publishers or imported from local files, each with where it came
/// from, under which licence, and the checksums of its files. Safe to use from several processes at once.
/// </summary>
public sealed class ModelStore : IDisposable
{
    private readonly ModelShelf _shelf;
    private readonly TimeProvider _time;
    private readonly Lazy<Downloader> _downloader;

    /// <param name="folder">Of the models; made when the first one lands.</param>
    public ModelStore(string folder, TimeProvider time)
        : this(folder, ModelManifest.BuiltIn, time, Downloader.Handler, new Patience())
    {
    }

    internal ModelStore(string folder, ModelManifest manifest, TimeProvider time, Func<HttpMessageHandler> handler, Patience patience)
    {
        (_shelf, _time, Manifest) = (new(folder, time), time, manifest);
        _downloader = new(() => new(handler(), time, patience));
    }

    /// <summary>What can be pulled.</summary>
    public ModelManifest Manifest { get; }

    public string Folder => _shelf.Root;

    public ModelListing List()
    {
        List<Model> models = [];
        List<DamagedModel> damaged = [];
        foreach (var name in _shelf.Names())
        {
            try
            {
                models.Add(_shelf.Read(name));
            }
            catch (ModelException e)
            {
                damaged.Add(new(name, e.Message));
            }
        }

        return new(models, damaged);
    }

    /// <summary>The model of that name, else the one that is published under it; null where there is neither.</summary>
    public Model? Find(string name)
    {
        if (FolderOf(name) is { } folder)
        {
            return _shelf.Read(folder);
        }

        return List().Models.FirstOrDefault(m => name.Equals(m.KnownAs, StringComparison.OrdinalIgnoreCase));
    }

    /// <exception cref="ModelException">There is no such model.</exception>
    public Model Show(string name) => Find(name) ?? throw Unknown(name);

    /// <summary>
    /// Fetches a model of the manifest; one that is there already is left as it is. What a broken fetch brought is kept for the next.
    /// </summary>
    /// <exception cref="ModelException">The manifest has no such model, or it could not be fetched.</exception>
    public Model Pull(string name, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        var known = Manifest.Find(name) ?? throw new ModelException(
            $"no model '{name}' is known that could be fetched; there are {string.Join(", ", Manifest.Models.Select(m => m.Name))}. "
            + "A file of your own comes in with 'taste models import'.");
        using var held = _shelf.Hold(known.Name, note => progress?.Report(new(known.Name, 0, null, note)), cancel);
        return Find(known.Name) ?? new ModelPull(_shelf, Manifest, _downloader.Value, known).Run(_time.GetUtcNow(), progress, cancel);
    }

    /// <summary>Takes in a local file, or a folder with all that belongs to one model. The files are copied, and stay where they are.</summary>
    /// <param name="paths">Of one model: a checkpoint, its folder, or a checkpoint and the files that go with it.</param>
    /// <exception cref="ModelException">They are no model that can be used here, or its name is taken.</exception>
    public Model Import(IReadOnlyList<string> paths, ImportOptions options, CancellationToken cancel)
    {
        var found = ModelImport.Examine(paths, options, Manifest, cancel);
        using var held = _shelf.Hold(found.Name, null, cancel);
        if (FolderOf(found.Name) is not { } taken)
        {
            return found.Run(_shelf, _time.GetUtcNow(), cancel);
        }

        var there = _shelf.Read(taken);
        return found.IsAlready(there)
            ? there
            : throw new ModelException(
                $"there is another model '{taken}' in '{Folder}'. "
                + $"Choose a name with --name, or remove it with 'taste models remove {taken}'.");
    }

    /// <summary>Keeps a head or an embedding that was made here, in place of an earlier one that was made here under its name.</summary>
    /// <param name="write">Writes its weights as safetensors.</param>
    /// <exception cref="ModelException">The name cannot be used, or is that of a model that came from elsewhere.</exception>
    public Model Keep(MadeHead made, Action<Stream> write, CancellationToken cancel)
    {
        var name = ModelNames.Checked(made.Name);
        if (Manifest.Find(name) is not null)
        {
            throw new ModelException($"'{name}' is the name of a published model. Choose another with --name.");
        }

        using var held = _shelf.Hold(name, null, cancel);
        var taken = FolderOf(name);
        if (taken is not null && _shelf.Read(taken) is { } there && there.Source != MadeHead.Source)
        {
            throw new ModelException($"there is another model '{taken}' in '{Folder}', which was not made here. "
                + $"Choose a name with --name, or remove it with 'taste models remove {taken}'.");
        }

        return made.Put(_shelf, name, taken, write, _time.GetUtcNow());
    }

    /// <summary>Reads every file of a model again and compares it with the checksum recorded for it.</summary>
    public Verification Verify(string name, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        var model = Show(name);
        return new(model, [.. model.Files.Select(file => new FileVerdict(file, Trouble(model, file, progress, cancel)))]);
    }

    /// <summary>Deletes a model's files, also of one whose <c>model.json</c> is damaged.</summary>
    public void Remove(string name, CancellationToken cancel)
    {
        var folder = FolderOf(name) ?? Find(name)?.Name ?? throw Unknown(name);
        using var held = _shelf.Hold(folder, null, cancel);
        if (FolderOf(folder) is not null)
        {
            _shelf.Remove(folder);
        }
    }

    /// <summary>Opens a model's weights for reading.</summary>
    public OpenModel Open(string name) => OpenModel.Of(Show(name));

    public void Dispose()
    {
        if (_downloader.IsValueCreated)
        {
            _downloader.Value.Dispose();
        }
    }

    private static string? Trouble(Model model, ModelFile file, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        var path = Path.Combine(model.Folder, file.Name);
        try
        {
            if (new FileInfo(path) is not { Exists: true } there)
            {
                return "it is missing";
            }

            if (there.Length != file.Size)
            {
                return $"it has {there.Length} bytes; {file.Size} are recorded";
            }

            var hash = ModelShelf.Hash(path, done => progress?.Report(new($"{model.Name}/{file.Name}", done, file.Size)), cancel);
            return hash == file.Sha256 ? null : $"its SHA-256 is {hash}; {file.Sha256} is recorded";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"it cannot be read: {e.Message.TrimEnd('.')}";
        }
    }

    private string? FolderOf(string name) => _shelf.Names().FirstOrDefault(n => n.Equals(name, StringComparison.OrdinalIgnoreCase));

    private ModelException Unknown(string name) => new(
        $"no model '{name}' in '{Folder}'. "
        + (Manifest.Find(name) is { } known
            ? $"Fetch it with 'taste models pull {known.Name}'."
            : "See 'taste models list' for what there is and what can be fetched."));
}
