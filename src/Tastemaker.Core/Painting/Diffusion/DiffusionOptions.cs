using Tastemaker.Core.Models;
using Tastemaker.Nets.Graph;

namespace Tastemaker.Core.Painting.Diffusion;

/// <summary>How the networks of a checkpoint are run.</summary>
public sealed record DiffusionOptions
{
    /// <summary>Of the UNet and the text encoder; the autoencoder is always in 32 bits.</summary>
    public Precision Precision { get; init; } = Precision.F32;

    /// <summary>A provider of ONNX Runtime, as <see cref="Models.Device.Resolve"/> gives it.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>0: as many as there are processors.</summary>
    public int Threads { get; init; }

    internal Session Load(StoredNetwork network, string name, Node output) =>
        Session.Load(new Dictionary<string, Node> { [name] = output }, network.Weights, network.File, Device, Threads);
}
