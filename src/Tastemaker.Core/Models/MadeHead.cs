namespace Tastemaker.Core.Models;

/// <summary>A head or an embedding that this program made, on its way into the store.</summary>
/// <param name="Space">What its vectors are of.</param>
/// <param name="Description">What it was made from.</param>
public sealed record MadeHead(string Name, FeatureSpace Space, string Description)
{
    public ModelKind Kind { get; init; } = ModelKind.Head;

    /// <summary>What the store says of where such a model came from.</summary>
    internal const string Source = "made here";

    private const string Weights = $"{KnownModel.WeightsFile}.safetensors";

    /// <param name="former">The folder of the model that it replaces; null where there is none.</param>
    internal Model Put(ModelShelf shelf, string name, string? former, Action<Stream> write, DateTimeOffset now)
    {
        var folder = shelf.Prepare(Staging.Import, name);
        try
        {
            var path = Path.Combine(folder, Weights);
            using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }

            var found = Recognition.Of(path);
            if (found.Kind != Kind || found.Dimensions != Space.Dimensions)
            {
                throw new ArgumentException($"what was written is {found}; a {Kind} for the space {Space} was to be.", nameof(write));
            }

            ModelFile[] files = [new(Weights, new FileInfo(path).Length, ModelShelf.Hash(path, null, default), Published: false)];
            var model = new Model(name, found.Kind, Space, found.Layout, Weights, files, Source, "yours", now) { Description = Description };
            if (former is not null)
            {
                shelf.Remove(former);
            }

            return shelf.Commit(Staging.Import, model);
        }
        catch (Exception e)
        {
            shelf.Discard(Staging.Import, name);
            if (e is IOException or UnauthorizedAccessException)
            {
                throw PartFile.CannotWrite(folder, e);
            }

            throw;
        }
    }
}
