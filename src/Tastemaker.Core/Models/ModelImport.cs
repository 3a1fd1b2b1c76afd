using System.Security.Cryptography;

namespace Tastemaker.Core.Models;

/// <summary>Local files that were examined and belong to one model: what it is, and what it will be called.</summary>
internal sealed class ModelImport
{
    private static readonly string[] CheckpointExtensions = [".safetensors", ".pt", ".pth", ".ckpt", ".bin", ".npy"];

    /// <summary>Which of several checkpoints in one folder is the model's, best first.</summary>
    private static readonly string[] CustomaryWeights =
        ["model.safetensors", "open_clip_model.safetensors", "pytorch_model.bin", "open_clip_pytorch_model.bin"];

    private static readonly string[] Companions =
    [
        "config.json", "open_clip_config.json", "preprocessor_config.json",
        "vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json",
    ];

    private readonly FileInfo _weights;
    private readonly IReadOnlyList<FileInfo> _companions;
    private readonly string _sha256;
    private readonly Model _model;

    private ModelImport(FileInfo weights, IReadOnlyList<FileInfo> companions, string sha256, Model model)
    {
        (_weights, _companions, _sha256, _model) = (weights, companions, sha256, model);
    }

    public string Name => _model.Name;

    /// <summary>Reads what the files are; writes nothing.</summary>
    public static ModelImport Examine(IReadOnlyList<string> paths, ImportOptions options, ModelManifest manifest, CancellationToken cancel)
    {
        try
        {
            var files = paths.SelectMany(FilesOf).ToList();
            var weights = WeightsAmong(files, paths);
            var found = Recognition.Of(weights.FullName);
            List<FileInfo> companions = found.Kind is ModelKind.Encoder ? [.. files.Where(IsCompanion).DistinctBy(f => f.Name)] : [];
            if (found.Layout is "openai" && companions.Any(f => f.Name == "open_clip_config.json"))
            {
                found = found with { Layout = "open-clip" };
            }

            var sha256 = ModelShelf.Hash(weights.FullName, null, cancel);
            var fallback = Directory.Exists(paths[0]) ? new DirectoryInfo(paths[0]).Name : Path.GetFileNameWithoutExtension(weights.Name);
            return new(weights, companions, sha256, Identify(found, sha256, fallback, weights.FullName, options, manifest));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"'{paths[0]}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Whether a model on the shelf has these very weights.</summary>
    public bool IsAlready(Model there) => there.Files.Any(f => f.Name == there.Weights && f.Sha256 == _sha256);

    /// <summary>Copies the files and puts the model on the shelf.</summary>
    public Model Run(ModelShelf shelf, DateTimeOffset now, CancellationToken cancel)
    {
        var folder = shelf.Prepare(Staging.Import, Name);
        try
        {
            List<ModelFile> files =
            [
                Copy(_weights, folder, _model.Weights, cancel),
                .. _companions.Select(f => Copy(f, folder, f.Name, cancel)),
            ];
            if (files[0].Sha256 != _sha256)
            {
                throw new ModelException($"'{_weights.FullName}' changed while it was read. Run the same command again.");
            }

            files[0] = files[0] with { Published = _model.KnownAs is not null };
            return shelf.Commit(Staging.Import, _model with { Files = files, Installed = now });
        }
        catch (Exception e)
        {
            shelf.Discard(Staging.Import, Name);
            if (e is IOException or UnauthorizedAccessException)
            {
                throw PartFile.CannotWrite(folder, e);
            }

            throw;
        }
    }

    private static IEnumerable<FileInfo> FilesOf(string path)
    {
        if (File.Exists(path))
        {
            return [new FileInfo(path)];
        }

        if (!Directory.Exists(path))
        {
            throw new ModelException($"there is no file or folder '{Path.GetFullPath(path)}'.");
        }

        return File.Exists(Path.Combine(path, "model_index.json"))
            ? throw new ModelException(
                $"'{Path.GetFullPath(path)}' is a painter (the folder of a diffusion pipeline), and painters cannot be imported. "
                + "Encoders, heads and embeddings can.")
            : new DirectoryInfo(path).EnumerateFiles();
    }

    private static FileInfo WeightsAmong(IReadOnlyList<FileInfo> files, IReadOnlyList<string> paths)
    {
        var checkpoints = files.Where(f => CheckpointExtensions.Contains(f.Extension, StringComparer.OrdinalIgnoreCase)).ToList();
        var chosen = checkpoints is [var only] ? only
            : CustomaryWeights.Select(name => checkpoints.FirstOrDefault(f => f.Name == name)).FirstOrDefault(f => f is not null);
        if (chosen is not null)
        {
            Readable(chosen);
            return chosen;
        }

        var where = string.Join("', '", paths);
        throw new ModelException(checkpoints.Count == 0
            ? $"'{where}' holds no checkpoint; its name would end in {string.Join(", ", CheckpointExtensions)}."
            : $"'{where}' holds {checkpoints.Count} checkpoints ({string.Join(", ", checkpoints.Take(4).Select(f => f.Name))}, ...), "
                + $"and none is called {string.Join(" or ", CustomaryWeights)}. Name the file that is meant.");
    }

    /// <summary>A regular file with something in it, through links; pipes and devices have no length and are never opened.</summary>
    private static FileInfo Readable(FileInfo file)
    {
        var real = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
        return real is { Exists: true, Length: > 0 } ? real : throw new ModelException($"'{file.FullName}' is empty, or not a file.");
    }

    private static bool IsCompanion(FileInfo file) =>
        Companions.Contains(file.Name)
        || (file.Name.StartsWith("bpe", StringComparison.Ordinal)
            && file.Name.EndsWith(".txt.gz", StringComparison.Ordinal)
            && ModelNames.IsValid(file.Name));

    private static Model Identify(
        Recognition found, string sha256, string fallback, string source, ImportOptions options, ModelManifest manifest)
    {
        var published = manifest.FindByWeights(sha256);
        var name = ModelNames.Checked(options.Name ?? published?.Name ?? ModelNames.From(fallback));
        if (published is null && manifest.Find(name) is { } claimed)
        {
            published = Claimed(claimed, found, sha256, manifest);
        }

        var space = SpaceOf(found, published?.Space ?? manifest.FindSpaceByWeights(sha256)?.Name, options.Space, manifest);
        var weights = KnownModel.WeightsFile + Path.GetExtension(source).ToLowerInvariant();
        return new(name, found.Kind, space, found.Layout, weights, [], source, published?.Licence ?? "unknown", default)
        {
            KnownAs = published?.Name,
            Description = published?.Description,
            Threshold = published?.Threshold,
        };
    }

    /// <summary>A published name is for its own weights: by checksum, or, where none is published, by size.</summary>
    private static KnownModel Claimed(KnownModel claimed, Recognition found, string sha256, ModelManifest manifest)
    {
        var isIt = claimed.Weights.Sha256 is null
            && found.Kind == claimed.Kind
            && manifest.FindSpace(claimed.Space) is { } space
            && found.Dimensions == space.Dimensions
            && found.Tower == space.Tower;
        return isIt ? claimed : throw new ModelException(
            $"'{claimed.Name}' is the name of a published model, and this file is not it: it is {found}, its SHA-256 {sha256}. "
            + "Choose another name with --name.");
    }

    private static FeatureSpace SpaceOf(Recognition found, string? known, string? declared, ModelManifest manifest)
    {
        declared = declared is null ? null : Resolved(declared, manifest);
        if (known is not null && declared is not null && known != declared)
        {
            throw new ModelException(
                $"this file is of the space '{known}', as its checksum or its name says; '{declared}' was declared. Leave --space out.");
        }

        var trainedOn = found.TrainedOn is { } encoder ? Resolved(encoder, manifest) : null;
        var space = new FeatureSpace(known ?? declared ?? trainedOn, found.Dimensions);
        return space.Name is { } name && manifest.FindSpace(name) is { } named && named.Dimensions != found.Dimensions
            ? throw new ModelException($"the space '{name}' has {named.Dimensions} dimensions; this file is {found}.")
            : space;
    }

    private static string Resolved(string space, ModelManifest manifest) => manifest.FindSpace(space)?.Name ?? ModelNames.From(space);

    private static ModelFile Copy(FileInfo file, string folder, string name, CancellationToken cancel)
    {
        const long LargestCompanion = 64 << 20;
        var from = Readable(file);
        if (from.Length > LargestCompanion && IsCompanion(file))
        {
            throw new ModelException($"'{file.FullName}' has {from.Length} bytes; at most {LargestCompanion} can be.");
        }

        using var source = new FileStream(from.FullName, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        using var copy = new FileStream(Path.Combine(folder, name), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 17];
        for (int read; (read = Read(source, buffer)) > 0;)
        {
            cancel.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
            copy.Write(buffer, 0, read);
        }

        copy.Flush(flushToDisk: true);
        return new(name, copy.Length, Convert.ToHexStringLower(hash.GetHashAndReset()), Published: false);
    }

    private static int Read(FileStream source, byte[] buffer)
    {
        try
        {
            return source.Read(buffer);
        }
        catch (IOException e)
        {
            throw new ModelException($"'{source.Name}' cannot be read: {e.Message}", e);
        }
    }
}
