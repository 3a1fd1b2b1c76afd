using System.Security.Cryptography;
using System.Text;
using Tastemaker.Core.Models;
using Tastemaker.Core.Painting.Diffusion;
using Tastemaker.Nets.Clip;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.StableDiffusion;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Painting.Aesthetics;

/// <summary>A whole text tower and its projection into a space with images, as they lie in their files.</summary>
internal sealed class TextTower
{
    private readonly StoredNetwork _tower, _projection;

    /// <param name="config">Of the tower; what the space has comes from the projection.</param>
    /// <exception cref="ModelException">The projection does not fit the tower.</exception>
    internal TextTower(TextEncoder.Config config, StoredNetwork tower, StoredNetwork projection)
    {
        (_tower, _projection) = (tower, projection);
        var found = projection.Weights[AestheticGradients.Projection];
        var width = config.Tower.Stack.Width;
        if (found.Shape.Rank != 2 || found.Shape[1] != width)
        {
            throw new ModelException($"the text projection in '{projection.File.Path}' has shape {found.Shape}; for the text encoder in '{tower.File.Path}' it would be [dimensions, {width}].");
        }

        Config = config with { Tower = config.Tower with { Dims = found.Shape[0] } };
        Weights = new Dictionary<string, StoredTensor>(tower.Weights) { [AestheticGradients.Projection] = found };
    }

    public TextEncoder.Config Config { get; }

    /// <summary>Shapes, by Hugging Face's names.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Weights { get; }

    /// <param name="stock">Asked for where the projection is not in the checkpoint, as in most.</param>
    /// <exception cref="ModelException">The tower is not whole, or there is no projection that fits it.</exception>
    public static TextTower Own(DiffusionCheckpoint checkpoint, Func<OpenModel> stock)
    {
        if (checkpoint is { Kind: DiffusionKind.Sd2, Config.Text.Dropped: 0 })
        {
            throw new ModelException($"the text encoder of '{checkpoint.Path}' has no last layer: folders of diffusers leave out what the UNet of SD 2 does not read, and a text's "
                + "features are made from it. Use the single file of the checkpoint, or the stock encoder (--aesthetic-encoder stock).");
        }

        var own = checkpoint.TextWeights;
        return new(checkpoint.Config.Text, own, checkpoint.Config.Text.Tower.Dims > 0 ? own : Stored(stock()));
    }

    /// <exception cref="ModelException">It is not the CLIP that the checkpoint was made from.</exception>
    public static TextTower Stock(DiffusionCheckpoint checkpoint, OpenModel stock)
    {
        var network = Stored(stock);
        var config = ConfigOf(stock) ?? throw new ModelException($"'{stock.Model.Name}' has no text tower; aesthetics need one.");
        var (width, wanted) = (config.Stack.Width, checkpoint.Config.Text.Tower.Stack.Width);
        return width == wanted ? new(new(config, checkpoint.Kind == DiffusionKind.Sd2 ? 1 : 0), network, network)
            : throw new ModelException($"the text tower of '{stock.Model.Name}' makes tokens of {width} numbers; '{checkpoint.Path}' reads tokens of {wanted}.");
    }

    /// <summary>An installed encoder whose texts are in the aesthetic's space, and whose text tower is as wide as the checkpoint's; the caller's to dispose.</summary>
    /// <exception cref="ModelException">There is none.</exception>
    public static OpenModel FindStock(ModelStore store, DiffusionCheckpoint checkpoint, FeatureSpace space)
    {
        var width = checkpoint.Config.Text.Tower.Stack.Width;
        var other = default(Model);
        var encoders = store.List().Models.Where(m => m.Kind == ModelKind.Encoder).Select(m => (Model: m, IsAccepted: space.Accepts(m.Space, out _, out _)));
        foreach (var (model, isAccepted) in encoders.OrderByDescending(m => m.IsAccepted).ThenByDescending(m => m.Model.Space.Name == space.Name))
        {
            var open = store.Open(model.Name);
            if (ConfigOf(open) is { Dims: > 0 } config && config.Stack.Width == width)
            {
                if (isAccepted)
                {
                    return open;
                }

                other = model;
            }

            open.Dispose();
        }

        throw new ModelException(other is not null
            ? $"the aesthetic is of the space {space}; '{checkpoint.Path}' was made from a CLIP like '{other.Name}', whose texts are of the space {other.Space}. Take an aesthetic that was made with that."
            : $"the CLIP that '{checkpoint.Path}' was made from is not installed, and aesthetics of {space.Dimensions} numbers need its text projection "
            + $"(a text tower of width {width}). " + (checkpoint.Kind == DiffusionKind.Sd1
                ? "'taste models pull clip-vit-l-14' fetches it."
                : "For SD 2 it is open_clip's ViT-H-14 (laion2b_s32b_b79k); 'taste models import' takes its file or folder."));
    }

    /// <summary>Refuses an aesthetic that an installed encoder made whose texts are no input of the checkpoint, whatever the number of its numbers.</summary>
    /// <exception cref="ModelException">The encoder has no text tower, or one of another width.</exception>
    public static void Demand(ModelStore store, DiffusionCheckpoint checkpoint, FeatureSpace space)
    {
        if (space.Name is null || store.List().Models.FirstOrDefault(m => m.Kind == ModelKind.Encoder && m.Space == space) is not { } maker)
        {
            return;
        }

        using var open = store.Open(maker.Name);
        var (width, made) = (checkpoint.Config.Text.Tower.Stack.Width, ConfigOf(open)?.Stack.Width);
        if (made != width)
        {
            throw new ModelException($"the aesthetic is of the space {space} of encoder '{maker.Name}', {(made is null ? "which has no text tower" : $"whose text tower makes tokens of {made} numbers")}; "
                + $"'{checkpoint.Path}' reads tokens of {width}. Take an aesthetic that was made with the CLIP that it was made from.");
        }
    }

    /// <summary>Reads a weight as float32.</summary>
    public float[] Floats(string name)
    {
        var (file, weights) = name == AestheticGradients.Projection ? _projection : _tower;
        return weights[name].Floats(new(file.Length, file.Read));
    }

    /// <summary>Reads rows of the token table, one after the other.</summary>
    /// <exception cref="ModelException">A token is not in the table.</exception>
    public void Rows(ReadOnlySpan<long> tokens, Span<float> into)
    {
        var table = Weights[AestheticGradients.TokenTable];
        var (width, source) = (table.Shape[1], new ByteSource(_tower.File.Length, _tower.File.Read));
        for (var i = 0; i < tokens.Length; i++)
        {
            if (tokens[i] < 0 || tokens[i] >= table.Shape[0])
            {
                throw new ModelException($"the prompt has token {tokens[i]}; the text encoder in '{_tower.File.Path}' knows 0 to {table.Shape[0] - 1}. Tokenizer and text encoder do not belong together.");
            }

            var row = table with { Shape = new(1, width), Offset = table.Offset + (tokens[i] * (table.Strides?[0] ?? width) * table.Type.Size) };
            row.Floats(source).CopyTo(into[(i * width)..]);
        }
    }

    /// <summary>SHA-256 over names, types, shapes and bytes of all weights, in lower-case hex.</summary>
    public string Fingerprint(CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Hash(hash, _tower, _tower.Weights.Keys.Order(StringComparer.Ordinal), cancel);
        Hash(hash, _projection, [AestheticGradients.Projection], cancel);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    internal static void Hash(IncrementalHash hash, StoredNetwork network, IEnumerable<string> names, CancellationToken cancel)
    {
        var buffer = new byte[1 << 20];
        foreach (var name in names)
        {
            var tensor = network.Weights[name];
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}|{tensor.Type}|{tensor.Shape}|{string.Join(',', tensor.Strides ?? [])}|"));
            for (long done = 0, length = tensor.Bytes; done < length;)
            {
                cancel.ThrowIfCancellationRequested();
                var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - done));
                network.File.Read(tensor.Offset + done, part);
                hash.AppendData(part);
                done += part.Length;
            }
        }
    }

    private static ClipText.Config? ConfigOf(OpenModel model) =>
        ClipConfig.From(ClipNames.Canonical(model.Checkpoint.Tensors), model.Text("config.json") ?? model.Text("open_clip_config.json")).Text;

    private static StoredNetwork Stored(OpenModel model)
    {
        var weights = DiffusionNames.Text(model.Checkpoint.Tensors);
        return weights.ContainsKey(AestheticGradients.Projection) ? new(model.File, weights)
            : throw new ModelException($"'{model.Model.Name}' has no text projection, so its texts are not in a space with images.");
    }
}
