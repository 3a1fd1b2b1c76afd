using Tastemaker.Core.Imaging;
using Tastemaker.Core.Models;
using Tastemaker.Nets.Gist;

namespace Tastemaker.Core.Embedding;

/// <summary>The built-in encoder: a classical description of the picture, computed here, without a download.</summary>
public sealed class GistImageEncoder(Orientation orientation) : IEncoder
{
    public const string BuiltIn = "gist";

    public string Name => BuiltIn;

    public string Fingerprint => Orientation == Orientation.Apply ? GistEncoder.Version : $"{GistEncoder.Version}-unturned";

    public FeatureSpace Space { get; } = new(BuiltIn, GistEncoder.Dimensions);

    public Orientation Orientation { get; } = orientation;

    public float[] Encode(Raster picture, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return GistEncoder.Encode(picture.ToRgb().Pixels, picture.Width, picture.Height);
    }

    public void Dispose()
    {
    }
}
