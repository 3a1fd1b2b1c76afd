using Tastemaker.Core.Imaging;
using Tastemaker.Core.Models;
using Tastemaker.Nets.Graph;

namespace Tastemaker.Core.Embedding;

/// <summary>Turns a picture into a feature vector. Many threads may call.</summary>
public interface IEncoder : IDisposable
{
    string Name { get; }

    /// <summary>Of graph, weights and preparation together: two encoders with the same one give the same vectors.</summary>
    string Fingerprint { get; }

    FeatureSpace Space { get; }

    /// <summary>Whether the encoder wants pictures turned as their EXIF orientation says.</summary>
    Orientation Orientation { get; }

    /// <summary>The raw features, not normalised: as many as <see cref="Space"/> has dimensions.</summary>
    float[] Encode(Raster picture, CancellationToken cancel);
}

/// <summary>How an encoder is to run.</summary>
public sealed record EncoderOptions
{
    public Precision Precision { get; init; } = Precision.F32;

    public Orientation Orientation { get; init; } = Orientation.Apply;

    /// <summary>One of <see cref="Models.Device.Names"/>.</summary>
    public string Device { get; init; } = Models.Device.Auto;

    /// <summary>Told in one line when a better device did not answer.</summary>
    public Action<string> FellBack { get; init; } = _ => { };
}
