using Tastemaker.Core.Models;
using Tastemaker.Core.Platform;
using Tastemaker.Native;
using Tastemaker.Nets.Clip;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.StableDiffusion;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Painting.Diffusion;

/// <summary>
/// A checkpoint of Stable Diffusion 1.x or 2.x as users have it: a folder of diffusers, or a single file of CompVis' layout. Opening it
/// reads names and shapes; the weights stay in the file, where the sessions map them.
/// </summary>
public sealed class DiffusionCheckpoint : IDisposable
{
    private readonly DiffusionFiles _files;
    private readonly Lazy<string> _shortHash;

    private DiffusionCheckpoint(DiffusionFiles files, DiffusionConfig config)
    {
        (_files, Config) = (files, config);
        Unused = NeverRead();
        _shortHash = new(() => Convert.ToHexStringLower(FileHash.Sha256(UNetWeights.File.Path))[..10]);
        Stored = _files.UNet.Weights["conv_in.weight"].Type;
    }

    /// <summary>The folder or the file.</summary>
    public string Path => _files.Path;

    /// <summary>What infotexts call it: the file's name without extension, or the folder's.</summary>
    public string Name => Directory.Exists(Path) ? System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(Path)) : System.IO.Path.GetFileNameWithoutExtension(Path);

    public DiffusionConfig Config { get; }

    public DiffusionKind Kind => Config.Kind;

    /// <summary>The type that the UNet's weights are stored in.</summary>
    public ElementType Stored { get; }

    /// <summary>Weights that belong to none of the three networks, or that they do not read, by their names in the checkpoint.</summary>
    public IReadOnlyList<string> Unused { get; }

    /// <summary>
    /// Whether the UNet predicts velocity instead of noise, as far as files say it: the scheduler of a folder, a yaml or JSON of the same name beside a
    /// single file (<c>parameterization: "v"</c>), or its own metadata. SD 1 predicts noise where nothing is said; for SD 2 this is then null, and
    /// <see cref="Denoiser.PredictsVelocity"/> finds out by a trial.
    /// </summary>
    public bool? SaysVelocity => _files.SaysVelocity ?? (Kind == DiffusionKind.Sd1 ? false : null);

    /// <summary><c>scheduler_config.json</c> of a folder; null for a single file.</summary>
    public string? Scheduler => _files.Scheduler;

    /// <summary>Where a folder has its <c>vocab.json</c> and <c>merges.txt</c>; null for a single file, whose vocabulary is CLIP's.</summary>
    public string? Vocabulary => _files.Vocabulary;

    /// <summary>How a prompt is padded: SD 1 with end tokens, SD 2 with zeros.</summary>
    public TokenWindow Window => (Kind == DiffusionKind.Sd1 ? TokenWindow.StableDiffusion1 : TokenWindow.StableDiffusion2) with
    {
        Length = Config.Text.Tower.Stack.Tokens,
    };

    /// <summary>The text tower's weights, by Hugging Face's names, and the file that they lie in.</summary>
    public StoredNetwork TextWeights => _files.Text;

    /// <summary>The UNet's weights, by diffusers' names.</summary>
    internal StoredNetwork UNetWeights => _files.UNet;

    /// <summary>The autoencoder's weights, by diffusers' names.</summary>
    internal StoredNetwork VaeWeights => _files.Vae;

    /// <exception cref="ModelException">It is no checkpoint of Stable Diffusion 1.x or 2.x, or a part of one; weights are missing or cut off.</exception>
    public static DiffusionCheckpoint Open(string path)
    {
        DiffusionFiles? files = null;
        try
        {
            files = DiffusionFiles.Open(path);
            var config = DiffusionConfig.From(
                files.UNet.Weights, files.Vae.Weights, files.Text.Weights, files.IsLinear, files.IsSingle, files.UNetSays, files.TextSays);
            return new(files, config);
        }
        catch (Exception e)
        {
            files?.Dispose();
            if (e is WeightException or IOException or UnauthorizedAccessException)
            {
                throw new ModelException($"'{System.IO.Path.GetFullPath(path)}' cannot paint: {e.Message}", e);
            }

            throw;
        }
    }

    /// <summary>Reads all weights, to find damage before anything is painted.</summary>
    /// <exception cref="ModelException">A weight has NaN or infinity.</exception>
    public void DemandNumbers(CancellationToken cancel)
    {
        foreach (var network in (StoredNetwork[])[_files.UNet, _files.Vae, _files.Text])
        {
            WeightCheck.Demand(Path, network, cancel);
        }
    }

    /// <summary>The text encoder, ready to run; the caller's to dispose.</summary>
    /// <param name="clipSkip">1 for the state that the UNet was trained with, 2 for the one before.</param>
    /// <exception cref="ModelException">The text tower has not so many layers.</exception>
    public PromptEncoder Prompts(DiffusionOptions options, int clipSkip = 1)
    {
        if (clipSkip < 1 || clipSkip > Config.Text.MostSkip)
        {
            throw new ModelException($"clip skip is {clipSkip}; for '{Path}' it can be 1 to {Config.Text.MostSkip}.");
        }

        var ids = Node.In(PromptEncoder.Ids, ElementType.I64, -1, Config.Text.Tower.Stack.Tokens);
        var output = TextEncoder.Build(new(_files.Text.Weights, options.Precision), Config.Text, ids, clipSkip);
        return new(options.Load(_files.Text, PromptEncoder.Output, output), Config.Text.Tower.Stack.Width);
    }

    /// <summary>The UNet, ready to run at any size and with prompts of any length; the caller's to dispose.</summary>
    public Denoiser Denoiser(DiffusionOptions options, CancellationToken cancel)
    {
        var output = UNetGraph(new(_files.UNet.Weights, options.Precision));
        var denoiser = new Denoiser(options.Load(_files.UNet, Diffusion.Denoiser.Output, output), Config.UNet);
        try
        {
            denoiser.Settle(SaysVelocity, cancel);
            return denoiser;
        }
        catch
        {
            denoiser.Dispose();
            throw;
        }
    }

    /// <summary>From latents to pictures, ready to run; the caller's to dispose. Always in 32 bits: in 16 it overflows.</summary>
    public LatentDecoder Decoder(DiffusionOptions options) =>
        new(options.Load(_files.Vae, LatentDecoder.Output, DecoderGraph(new(_files.Vae.Weights))), Config.Vae);

    /// <summary>From pictures to latents, ready to run; the caller's to dispose. Always in 32 bits.</summary>
    public LatentEncoder Encoder(DiffusionOptions options) =>
        new(options.Load(_files.Vae, LatentEncoder.Output, EncoderGraph(new(_files.Vae.Weights))), Config.Vae);

    /// <summary>By which AUTOMATIC1111's web UI tells checkpoints: the first ten digits of the SHA-256 of the single file; of a folder, of its UNet. Reads all of it, once.</summary>
    public string ShortHash() => _shortHash.Value;

    public void Dispose() => _files.Dispose();

    private Node UNetGraph(Scope s) => UNet.Build(
        s, Config.UNet, Node.In(Diffusion.Denoiser.Sample, ElementType.F32, -1, Config.UNet.Channels, -1, -1),
        Node.In(Diffusion.Denoiser.Timestep, ElementType.F32, -1), Node.In(Diffusion.Denoiser.Context, ElementType.F32, -1, -1, Config.UNet.Context));

    private Node DecoderGraph(Scope s) => Vae.Decoder(s, Config.Vae, Node.In(LatentDecoder.Latents, ElementType.F32, -1, Config.Vae.Latents, -1, -1));

    private Node EncoderGraph(Scope s) => Vae.Encoder(s, Config.Vae, Node.In(LatentEncoder.Image, ElementType.F32, -1, 3, -1, -1));

    /// <summary>Builds every graph once, so that a missing weight is known before anything is loaded.</summary>
    private List<string> NeverRead()
    {
        Scope unet = new(_files.UNet.Weights), vae = new(_files.Vae.Weights), text = new(_files.Text.Weights);
        UNetGraph(unet);
        DecoderGraph(vae);
        EncoderGraph(vae);
        TextEncoder.Build(text, Config.Text, Node.In(PromptEncoder.Ids, ElementType.I64, -1, Config.Text.Tower.Stack.Tokens));
        return [.. _files.Strangers, .. Names(unet, _files.UNet), .. Names(vae, _files.Vae), .. Names(text, _files.Text)];

        static IEnumerable<string> Names(Scope s, StoredNetwork network) => s.Unused.Select(name => network.Weights[name].Name);
    }
}

/// <summary>A network's weights, by the names that its graph uses, and the file that they lie in.</summary>
public sealed record StoredNetwork(MappedFile File, IReadOnlyDictionary<string, StoredTensor> Weights);
