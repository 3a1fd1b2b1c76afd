using Tastemaker.Core.Models;
using Tastemaker.Nets.Clip;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Embedding;

/// <summary>CLIP's text tower: texts into the space of the images.</summary>
public sealed class ClipTextEncoder : IDisposable
{
    private const string Input = "ids", Output = "embedding";

    private readonly ClipTokenizer _tokenizer;
    private readonly TokenWindow _window;
    private readonly LazySession _session;

    private ClipTextEncoder(ClipTokenizer tokenizer, TokenWindow window, LazySession session, FeatureSpace space)
    {
        _tokenizer = tokenizer;
        _window = window;
        _session = session;
        Space = space;
    }

    public FeatureSpace Space { get; }

    /// <param name="model">Belongs to the encoder from here on.</param>
    /// <exception cref="WeightException">The checkpoint is no CLIP with a text tower that shares the images' space.</exception>
    /// <exception cref="ModelException">The model was stored without its vocabulary.</exception>
    public static ClipTextEncoder Open(OpenModel model, EncoderOptions options)
    {
        var weights = ClipNames.Canonical(model.Checkpoint.Tensors);
        var config = ClipConfig.From(weights, model.Text("config.json") ?? model.Text("open_clip_config.json")).Text
            ?? throw new WeightException($"'{model.Model.Name}' has no text tower; it encodes images only.");
        var ids = Node.In(Input, ElementType.I64, -1, config.Stack.Tokens);
        var embedding = ClipText.Build(new(weights, options.Precision), config, ids).Embedding?.Cast(ElementType.F32)
            ?? throw new WeightException($"'{model.Model.Name}' has no text projection, so its texts are not in a space with images.");
        var outputs = new Dictionary<string, Node> { [Output] = embedding };
        return new(Vocabulary(model), TokenWindow.OpenAI with { Length = config.Stack.Tokens }, new(model, outputs, weights, options), model.Model.Space);
    }

    /// <summary>The raw features of one text, not normalised.</summary>
    /// <exception cref="TokenizerException">The text is longer than the tower's window.</exception>
    public float[] Encode(string text, CancellationToken cancel) => Encode(_tokenizer.Window(text, _window), cancel);

    /// <summary>The same of as much of a text as the tower's window takes.</summary>
    public float[] EncodeBeginning(string text, CancellationToken cancel) =>
        Encode(_tokenizer.Window(text, _window with { Overflow = TokenOverflow.Truncate }), cancel);

    public void Dispose() => _session.Dispose();

    private float[] Encode(long[] ids, CancellationToken cancel) => _session.Run<long>(Input, ids, [1, ids.Length], Output, cancel);

    private static ClipTokenizer Vocabulary(OpenModel model) =>
        VocabularyFiles.In(model.Model.Folder) ?? throw new ModelException($"'{model.Model.Name}' was stored without a vocabulary, which texts need. "
            + "Import it again from a folder that holds vocab.json and merges.txt, or bpe_simple_vocab_16e6.txt.gz.");
}
