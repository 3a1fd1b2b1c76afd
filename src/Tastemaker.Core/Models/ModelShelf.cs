using System.Security.Cryptography;
using System.Text.Json;

namespace Tastemaker.Core.Models;

/// <summary>
/// The store's folder: <c>NAME/</c> holds a model and its <c>model.json</c>. Names that begin with a dot are the store's own:
/// <c>.pull-NAME</c>, <c>.import-NAME</c> and <c>.remove-NAME</c> are on their way in or out, <c>.locks</c> keeps processes apart.
/// A model comes and goes by one rename of its folder, so whatever a kill leaves behind is not a model.
/// </summary>
internal sealed class ModelShelf(string root, TimeProvider time)
{
    private const string Card = "model.json";
    private const int LargestCard = 1 << 20;

    public string Root { get; } = Path.GetFullPath(root);

    public IEnumerable<string> Names() => Directory.Exists(Root)
        ? Directory.EnumerateDirectories(Root).Select(f => Path.GetFileName(f)).Where(ModelNames.IsValid)
            .Order(StringComparer.OrdinalIgnoreCase)
        : [];

    /// <summary>Holds the model of that name, there or to be, until disposed; clears what killed processes left.</summary>
    public StoreLock Hold(string name, Action<string>? tell, CancellationToken cancel)
    {
        var held = StoreLock.Take(LockOf(name), () => tell?.Invoke($"another process is changing '{name}'; waiting for it"), time, cancel);
        ClearLeftovers();
        return held;
    }

    /// <summary>The folder in which a model is put together; of a pull, with what an earlier one left.</summary>
    public string Prepare(Staging stage, string name)
    {
        var folder = StagingOf(stage, name);
        try
        {
            if (stage is not Staging.Pull)
            {
                Delete(folder);
            }

            Directory.CreateDirectory(folder);
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw PartFile.CannotWrite(folder, e);
        }
    }

    public void Discard(Staging stage, string name) => Delete(StagingOf(stage, name));

    /// <summary>Puts the prepared model on the shelf, all at once.</summary>
    public Model Commit(Staging stage, Model model)
    {
        var folder = StagingOf(stage, model.Name);
        try
        {
            using (var card = new FileStream(Path.Combine(folder, Card), FileMode.Create, FileAccess.Write))
            {
                JsonSerializer.Serialize(card, model, ModelJson.Options);
                card.Flush(flushToDisk: true);
            }

            Directory.Move(folder, Path.Combine(Root, model.Name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw PartFile.CannotWrite(Path.Combine(Root, model.Name), e);
        }

        return model with { Folder = Path.Combine(Root, model.Name) };
    }

    public void Remove(string name)
    {
        var aside = StagingOf(Staging.Remove, name);
        try
        {
            Delete(aside);
            Directory.Move(Path.Combine(Root, name), aside);
            Delete(aside);
            Delete(StagingOf(Staging.Pull, name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"'{name}' cannot be removed from '{Root}': {e.Message} Run the same command again.", e);
        }
    }

    /// <exception cref="ModelException">Its <c>model.json</c> is missing, unreadable or says what cannot be.</exception>
    public Model Read(string name)
    {
        var folder = Path.Combine(Root, name);
        var card = Path.Combine(folder, Card);
        try
        {
            var model = new FileInfo(card) is { Exists: true, Length: <= LargestCard }
                ? JsonSerializer.Deserialize<Model>(File.ReadAllBytes(card), ModelJson.Options)
                : throw new ModelException($"there is none, or it is larger than {LargestCard} bytes");
            return Checked(model ?? throw new ModelException("it holds 'null'")) with { Name = name, Folder = folder };
        }
        catch (Exception e) when (e is JsonException or ModelException or IOException or UnauthorizedAccessException)
        {
            throw new ModelException(
                $"'{card}' does not describe a model: {e.Message.TrimEnd('.')}. Remove '{name}' and fetch or import it again.", e);
        }
    }

    public static string Hash(string path, Action<long>? progress, CancellationToken cancel)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 17];
        for (int read; (read = file.Read(buffer)) > 0;)
        {
            cancel.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
            progress?.Invoke(file.Position);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static Model Checked(Model model)
    {
        if (model.Space.Dimensions is < 1 or > FeatureSpace.MostDimensions)
        {
            throw new ModelException($"{model.Space.Dimensions} dimensions cannot be");
        }

        if (model.Files.FirstOrDefault(f => !ModelNames.IsValid(f.Name)) is { } odd)
        {
            throw new ModelException($"'{odd.Name}' cannot be one of its files");
        }

        return model.Files.Any(f => f.Name == model.Weights) ? model
            : throw new ModelException($"its weights '{model.Weights}' are not among its files");
    }

    private void ClearLeftovers()
    {
        foreach (var folder in Directory.GetDirectories(Root, ".*-*"))
        {
            var (stage, name) = Path.GetFileName(folder)[1..].Split('-', 2) is [var verb, var rest] ? (verb, rest) : ("", "");
            var isDone = stage is "import" or "remove" || (stage is "pull" && Directory.Exists(Path.Combine(Root, name)));
            if (isDone && ModelNames.IsValid(name))
            {
                using var idle = StoreLock.TryTake(LockOf(name));
                if (idle is not null)
                {
                    TryDelete(folder);
                }
            }
        }
    }

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>What cannot be deleted yet is no model all the same, and is tried again at the next change.</summary>
    private static void TryDelete(string folder)
    {
        try
        {
            Delete(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return;
        }
    }

    private string StagingOf(Staging stage, string name) => Path.Combine(Root, $".{stage.ToString().ToLowerInvariant()}-{name}");

    private string LockOf(string name) => Path.Combine(Root, ".locks", name.ToLowerInvariant());
}

/// <summary>On the way to or from the shelf.</summary>
internal enum Staging
{
    Pull,
    Import,
    Remove,
}
