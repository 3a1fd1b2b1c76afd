using Tastemaker.Core.Imaging;
using Tastemaker.Core.Models;
using Tastemaker.Nets.Clip;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Embedding;

/// <summary>
/// CLIP's image tower over a checkpoint of the store. Opening reads the checkpoint's index only; the session is made
/// when the first picture comes, so that a folder that is known already needs none.
/// </summary>
public sealed class ClipImageEncoder : IEncoder
{
    private const string Input = "pixels", Output = "embedding";

    private readonly ClipPixels.Config _preparation;
    private readonly LazySession _session;

    private ClipImageEncoder(OpenModel model, ClipPixels.Config preparation, LazySession session, EncoderOptions options, string fingerprint)
    {
        _preparation = preparation;
        _session = session;
        (Name, Space, Orientation, Fingerprint) = (model.Model.Name, model.Model.Space, options.Orientation, fingerprint);
    }

    public string Name { get; }

    public string Fingerprint { get; }

    public FeatureSpace Space { get; }

    public Orientation Orientation { get; }

    /// <param name="model">Belongs to the encoder from here on.</param>
    /// <exception cref="WeightException">The checkpoint is no CLIP with an image tower, or its config contradicts it.</exception>
    public static ClipImageEncoder Open(OpenModel model, EncoderOptions options)
    {
        var weights = ClipNames.Canonical(model.Checkpoint.Tensors);
        var config = ClipConfig.From(weights, model.Text("config.json") ?? model.Text("open_clip_config.json")).Vision
            ?? throw new WeightException($"'{model.Model.Name}' has no image tower; it encodes texts only.");
        var preparation = PreprocessorConfig.Parse(model.Text("preprocessor_config.json"), config.Size);
        var pixels = Node.In(Input, ElementType.F32, -1, 3, config.Size, config.Size);
        var embedding = ClipVision.Build(new(weights, options.Precision), config, pixels).Embedding.Cast(ElementType.F32);
        var outputs = new Dictionary<string, Node> { [Output] = embedding };
        var fingerprint = Session.Fingerprint(Onnx.Write(outputs), model.WeightsHash, $"{preparation}|{options.Orientation}");
        return new(model, preparation, new(model, outputs, weights, options), options, fingerprint);
    }

    /// <summary>Pictures are prepared side by side and take turns in the session, which uses every processor itself.</summary>
    public float[] Encode(Raster picture, CancellationToken cancel)
    {
        var pixels = new float[3 * _preparation.Size * _preparation.Size];
        ClipPixels.Prepare(picture.View, _preparation, pixels);
        return EncodePrepared(pixels, cancel);
    }

    /// <param name="pixels">[3, size, size].</param>
    internal float[] EncodePrepared(ReadOnlySpan<float> pixels, CancellationToken cancel) =>
        _session.Run(Input, pixels, [1, 3, _preparation.Size, _preparation.Size], Output, cancel);

    public void Dispose() => _session.Dispose();
}
