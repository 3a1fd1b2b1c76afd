using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Tastemaker.Core.Models;
using Tastemaker.Native;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Painting.Aesthetics;

/// <summary>A direction among images that prompts are drawn towards: one vector of an encoder's space.</summary>
public sealed class AestheticTarget
{
    private readonly float[] _unit;

    private AestheticTarget(string name, FeatureSpace space, float[] unit)
    {
        (Name, Space, _unit) = (name, space, unit);
        Hash = Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<float>(unit)));
    }

    public string Name { get; }

    public FeatureSpace Space { get; }

    /// <summary>Of length 1.</summary>
    public ReadOnlySpan<float> Vector => _unit;

    /// <summary>SHA-256 of the vector, in lower-case hex.</summary>
    public string Hash { get; }

    /// <summary>An aesthetic of the store.</summary>
    /// <exception cref="ModelException">There is none of that name, or its vector is no direction.</exception>
    public static AestheticTarget Open(ModelStore store, string name)
    {
        var model = store.Show(name);
        return model.Kind == ModelKind.Embedding
            ? new(model.Name, model.Space, Read(Path.Combine(model.Folder, model.Weights)))
            : throw new ModelException($"'{name}' is no aesthetic but {(model.Kind == ModelKind.Encoder ? "an encoder" : "a head")}. 'taste aesthetic list' shows the aesthetics.");
    }

    /// <summary>A file with one vector: <c>.pt</c>, <c>.safetensors</c>, <c>.npy</c>, [d] or [1, d], of any float type.</summary>
    /// <exception cref="ModelException">It holds no such vector.</exception>
    public static AestheticTarget OfFile(string path)
    {
        var vector = Read(path);
        return new(Path.GetFileNameWithoutExtension(path), new(null, vector.Length), vector);
    }

    /// <summary>A direction in a space, whatever the length of the vector.</summary>
    /// <exception cref="ModelException">The vector has no direction.</exception>
    public static AestheticTarget Of(string name, FeatureSpace space, ReadOnlySpan<float> vector) => new(name, space, Unit(name, vector));

    private static float[] Read(string path)
    {
        try
        {
            using var file = MappedFile.OpenRead(path);
            var source = new ByteSource(file.Length, file.Read);
            var checkpoint = Checkpoint.Open(source);
            StoredTensor[] tensors = [.. checkpoint.Under(checkpoint.Root).Tensors.Values];
            return tensors is [{ Type: ElementType.F32 or ElementType.F16 or ElementType.BF16 or ElementType.F64 } only]
                && only.Shape.Axes is [> 1 and <= FeatureSpace.MostDimensions] or [1, > 1 and <= FeatureSpace.MostDimensions]
                ? Unit(path, tensors[0].Floats(source))
                : throw new ModelException($"'{path}' is no aesthetic: it holds {Described(tensors)}; one vector of floats, [d] or [1, d], is wanted.");
        }
        catch (Exception e) when (e is WeightException or IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"'{path}' cannot be read as an aesthetic: {e.Message}", e);
        }
    }

    private static string Described(StoredTensor[] tensors) => tensors is [var only] ? $"{only.Type} {only.Shape}" : $"{tensors.Length} tensors";

    private static float[] Unit(string name, ReadOnlySpan<float> vector)
    {
        var length = 0.0;
        foreach (var x in vector)
        {
            length += (double)x * x;
        }

        length = Math.Sqrt(length);
        if (length == 0 || !double.IsFinite(length))
        {
            throw new ModelException($"the vector of '{name}' has length {length}; an aesthetic is a direction, of finite numbers that are not all zero.");
        }

        var unit = new float[vector.Length];
        for (var i = 0; i < unit.Length; i++)
        {
            unit[i] = (float)(vector[i] / length);
        }

        return unit;
    }
}
