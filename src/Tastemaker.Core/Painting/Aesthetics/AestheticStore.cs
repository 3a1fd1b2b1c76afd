using Tastemaker.Core.Models;
using Tastemaker.Core.Platform;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Painting.Aesthetics;

/// <summary>The aesthetics of a studio: vectors that were made here, and those of others. They are models of the store, and follow its rules.</summary>
public sealed class AestheticStore(ModelStore models)
{
    private const string TensorName = "embedding";

    public IReadOnlyList<Model> List() => [.. models.List().Models.Where(m => m.Kind == ModelKind.Embedding)];

    /// <summary>Keeps a vector that was made here.</summary>
    /// <param name="from">What it was made from.</param>
    /// <param name="replace">Whether an aesthetic that has the name may go.</param>
    /// <exception cref="ModelException">The name is taken or cannot be used, or the vector has no direction.</exception>
    public Model Keep(string name, FeatureSpace space, float[] vector, string from, bool replace, CancellationToken cancel)
    {
        _ = AestheticTarget.Of(name, space, vector);
        MakeRoom(name, replace, cancel);
        return models.Keep(
            new(name, space, from) { Kind = ModelKind.Embedding }, stream => SafeTensors.Write(stream, [TensorData.Of(TensorName, new(1, vector.Length), vector)]), cancel);
    }

    /// <summary>Takes in a file with one vector, [d] or [1, d], of any float type: <c>.pt</c>, <c>.safetensors</c>, <c>.npy</c>.</summary>
    /// <exception cref="ModelException">It holds no such vector, or the name is taken.</exception>
    public Model Import(string path, ImportOptions options, bool replace, CancellationToken cancel)
    {
        _ = AestheticTarget.OfFile(path);
        if (options.Name is { } name)
        {
            MakeRoom(name, replace, cancel);
        }

        return models.Import([path], options, cancel);
    }

    /// <summary>Writes an aesthetic for other programs as it was made, not normalised: <c>.pt</c>, which torch and both originals load, or <c>.safetensors</c>; [1, d] in float32.</summary>
    /// <exception cref="ModelException">There is no such aesthetic, or the file's name says no format.</exception>
    /// <exception cref="IOException">The file exists, and <paramref name="replace"/> is not set.</exception>
    public void Export(string name, string path, bool replace)
    {
        Action<Stream, TensorData> write = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".pt" => TorchPickle.WriteBare,
            ".safetensors" => (stream, tensor) => SafeTensors.Write(stream, [tensor]),
            var other => throw new ModelException($"'{path}' ends in '{other}'; an aesthetic is written as .pt or .safetensors."),
        };
        var vector = Vector(name);
        var data = TensorData.Of(TensorName, new(1, vector.Length), vector);
        Action<string, Action<Stream>> file = replace ? AtomicFile.Replace : AtomicFile.Create;
        file(path, stream => write(stream, data));
    }

    /// <summary>The numbers of an aesthetic as they were made.</summary>
    /// <exception cref="ModelException">There is no such aesthetic.</exception>
    public float[] Vector(string name)
    {
        _ = AestheticTarget.Open(models, name);
        using var open = models.Open(name);
        return open.Checkpoint.Tensors.Values.First().Floats(new(open.File.Length, open.File.Read));
    }

    private void MakeRoom(string name, bool replace, CancellationToken cancel)
    {
        if (models.Find(name) is not { } there)
        {
            return;
        }

        if (there.Kind != ModelKind.Embedding || !replace)
        {
            throw new ModelException($"there is a model '{there.Name}' already ({there.Description ?? there.Source}). "
                + (there.Kind == ModelKind.Embedding ? "--replace puts the new one in its place." : "Choose another name."));
        }

        models.Remove(there.Name, cancel);
    }
}
