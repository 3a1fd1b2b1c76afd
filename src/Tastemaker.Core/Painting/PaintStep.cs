using Tastemaker.Core.Imaging;

namespace Tastemaker.Core.Painting;

/// <summary>A moment in the painting of a batch: after each step, with a look at what every picture will be as far as can be told. Valid until its watcher returns.</summary>
public sealed class PaintStep
{
    private readonly Painter _painter;
    private readonly IReadOnlyList<Sketch> _sketches;

    internal PaintStep(Painter painter, IReadOnlyList<Sketch> sketches, int done, int total) =>
        (_painter, _sketches, Done, Total) = (painter, sketches, done, total);

    /// <summary>Steps taken, of <see cref="Total"/>; 1 to begin with.</summary>
    public int Done { get; }

    /// <summary>Calls of the UNet, which a sampler may make more or fewer of than the steps that were asked for.</summary>
    public int Total { get; }

    /// <summary>Places in the batch of the pictures that are still painted.</summary>
    public IEnumerable<int> Live => Enumerable.Range(0, _sketches.Count).Where(place => !_sketches[place].IsStopped);

    /// <summary>The clean latents that the step predicts for a picture: [4, h / 8, w / 8].</summary>
    public ReadOnlySpan<float> Clean(int place) => _sketches[place].Clean;

    /// <summary>A small picture of them, an eighth as wide and high, at next to no cost: no network is asked.</summary>
    public Raster Preview(int place)
    {
        var request = _sketches[place].Request;
        return LatentPreview.Of(Clean(place), request.Width / _painter.Multiple, request.Height / _painter.Multiple);
    }

    /// <summary>The same as a PNG file, for a browser.</summary>
    public byte[] PreviewPng(int place) => ImageWriter.Png(Preview(place));

    /// <summary>The whole picture that the step predicts, through the autoencoder.</summary>
    public Raster Picture(int place, CancellationToken cancel) => _painter.Decode(_sketches[place].Request, Clean(place), cancel);

    /// <summary>Paints a picture no further; it will not be among the finished ones.</summary>
    public void Stop(int place) => _sketches[place].IsStopped = true;
}
