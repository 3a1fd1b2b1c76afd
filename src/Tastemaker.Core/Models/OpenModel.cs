using Tastemaker.Native;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Models;

/// <summary>A model whose weights are mapped into memory, until disposed.</summary>
/// <param name="File">The whole file; the offsets of <paramref name="Checkpoint"/> point into it.</param>
/// <param name="Checkpoint">The tensors of the network, by the names of its layout.</param>
public sealed record OpenModel(Model Model, MappedFile File, Checkpoint Checkpoint) : IDisposable
{
    /// <summary>SHA-256 of the weights, as recorded when they landed.</summary>
    public string WeightsHash => Model.Files.First(f => f.Name == Model.Weights).Sha256;

    /// <summary>A small file that came with the weights; null where there is none of that name.</summary>
    public string? Text(string name) => Model.PathOf(name) is { } path ? System.IO.File.ReadAllText(path) : null;

    internal static OpenModel Of(Model model)
    {
        var path = Path.Combine(model.Folder, model.Weights);
        MappedFile? file = null;
        try
        {
            file = MappedFile.OpenRead(path);
            var checkpoint = Checkpoint.Open(new(file.Length, file.Read));
            return new(model, file, checkpoint.Under(checkpoint.Root));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or WeightException)
        {
            file?.Dispose();
            throw new ModelException(
                $"the weights of '{model.Name}' cannot be read: {e.Message} "
                + $"'taste models verify {model.Name}' says whether its files are as they came.", e);
        }
    }

    public void Dispose() => File.Dispose();
}
