namespace Tastemaker.Core.Models;

/// <summary>Fetches the files of one model of the manifest, checks that they are what they should be, and puts them on the shelf.</summary>
internal sealed class ModelPull(ModelShelf shelf, ModelManifest manifest, Downloader downloader, KnownModel known)
{
    public Model Run(DateTimeOffset now, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        var folder = shelf.Prepare(Staging.Pull, known.Name);
        List<ModelFile> files = [.. known.Files.Select(file => Fetch(file, folder, progress, cancel))];
        var weights = files.First(f => Path.GetFileNameWithoutExtension(f.Name) == KnownModel.WeightsFile).Name;
        if (known.Weights.Sha256 is null)
        {
            CheckWeights(Path.Combine(folder, weights));
        }

        return shelf.Commit(Staging.Pull, new(
            known.Name, known.Kind, manifest.SpaceOf(known), known.Layout, weights, files, known.Home, known.Licence, now)
        {
            KnownAs = known.Name,
            Description = known.Description,
            Threshold = known.Threshold,
        });
    }

    private ModelFile Fetch(KnownFile file, string folder, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        if (AlreadyFetched(file, folder, cancel) is { } there)
        {
            return there;
        }

        foreach (var address in file.Addresses)
        {
            var name = file.NameFrom(address);
            var wanted = new Wanted($"'{name}' of '{known.Name}'", $"{known.Name}/{name}", address, file.Size, file.Sha256, file.Limit);
            if (downloader.Fetch(wanted, Path.Combine(folder, name), progress, cancel) is { } landed)
            {
                return new(name, landed.Size, landed.Sha256, landed.Published);
            }
        }

        throw new ModelException(
            $"'{file.Name}' of '{known.Name}' was not found (404) at {string.Join(" or ", file.Addresses.Select(a => $"'{a}'"))}. "
            + $"Its publisher may have moved it: see '{known.Home}', and take in a local copy with 'taste models import'.");
    }

    /// <summary>A file that an earlier pull landed before it ended.</summary>
    private static ModelFile? AlreadyFetched(KnownFile file, string folder, CancellationToken cancel)
    {
        foreach (var name in file.Addresses.Select(file.NameFrom).Distinct())
        {
            var path = Path.Combine(folder, name);
            if (File.Exists(path))
            {
                var hash = ModelShelf.Hash(path, null, cancel);
                if (file.Sha256 is null || file.Sha256 == hash)
                {
                    return new(name, new FileInfo(path).Length, hash, file.Sha256 is not null);
                }

                File.Delete(path);
            }
        }

        return null;
    }

    /// <summary>No checksum vouches for these weights, so they must at least be of the right kind and size.</summary>
    private void CheckWeights(string path)
    {
        var found = Recognition.Of(path);
        var space = manifest.FindSpace(known.Space)!;
        if (found.Kind != known.Kind || found.Dimensions != space.Dimensions || (found.Tower is { } tower && tower != space.Tower))
        {
            shelf.Discard(Staging.Pull, known.Name);
            throw new ModelException(
                $"what '{known.Weights.Addresses[0]}' gave is not '{known.Name}' but {found}. It is deleted. "
                + $"Its publisher may have replaced it: see '{known.Home}'.");
        }
    }
}
