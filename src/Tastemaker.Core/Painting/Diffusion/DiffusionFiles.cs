using System.Text.RegularExpressions;
using Tastemaker.Native;
using Tastemaker.Nets.StableDiffusion;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Painting.Diffusion;

/// <summary>The mapped files of a checkpoint, its three networks in one dialect of names, and what the small files beside them say.</summary>
internal sealed partial class DiffusionFiles : IDisposable
{
    private static readonly string[] DiffusersWeights =
    [
        "diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.fp16.safetensors", "diffusion_pytorch_model.non_ema.safetensors",
        "diffusion_pytorch_model.bin", "diffusion_pytorch_model.fp16.bin",
    ];

    private static readonly string[] TransformersWeights = ["model.safetensors", "model.fp16.safetensors", "pytorch_model.bin", "pytorch_model.fp16.bin"];

    /// <summary>Of a file of settings that lies beside a single file and has its name.</summary>
    private static readonly string[] Settings = [".yaml", ".yml", ".json"];

    private readonly List<MappedFile> _open = [];

    private DiffusionFiles(string path) => Path = path;

    public string Path { get; }

    public StoredNetwork UNet { get; private set; } = null!;

    public StoredNetwork Vae { get; private set; } = null!;

    public StoredNetwork Text { get; private set; } = null!;

    /// <summary>Whether the UNet's projections to tokens are stored as linear layers, not as convolutions.</summary>
    public bool IsLinear { get; private set; }

    public bool IsSingle { get; private set; }

    /// <summary>Weights of a single file that belong to no network.</summary>
    public IReadOnlyList<string> Strangers { get; private set; } = [];

    public string? UNetSays { get; private set; }

    public string? TextSays { get; private set; }

    public string? Scheduler { get; private set; }

    public string? Vocabulary { get; private set; }

    /// <summary>Null where no file says whether the UNet predicts velocity.</summary>
    public bool? SaysVelocity { get; private set; }

    /// <exception cref="WeightException">It is no checkpoint of Stable Diffusion 1.x or 2.x, or a part of one.</exception>
    public static DiffusionFiles Open(string path)
    {
        var files = new DiffusionFiles(System.IO.Path.GetFullPath(path));
        try
        {
            if (Directory.Exists(files.Path))
            {
                files.ReadFolder();
            }
            else
            {
                files.ReadSingle();
            }

            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var file in _open)
        {
            file.Dispose();
        }
    }

    private void ReadFolder()
    {
        OtherFamilies.RefusePipeline(SmallText("model_index.json"));
        var (unet, unetFile) = Part("unet", DiffusersWeights);
        var (vae, vaeFile) = Part("vae", DiffusersWeights);
        var (text, textFile) = Part("text_encoder", TransformersWeights);
        IsLinear = HasLinearProjections(unet);
        UNet = new(unetFile, DiffusionNames.UNet(unet));
        Vae = new(vaeFile, DiffusionNames.Vae(vae));
        Text = new(textFile, DiffusionNames.Text(text));
        (UNetSays, TextSays, Scheduler) = (SmallText("unet/config.json"), SmallText("text_encoder/config.json"), SmallText("scheduler/scheduler_config.json"));
        SaysVelocity = Scheduler is null ? null : Velocity().IsMatch(Scheduler);
        Vocabulary = File.Exists(Inside("tokenizer/vocab.json")) ? Inside("tokenizer") : null;
    }

    private void ReadSingle()
    {
        if (!File.Exists(Path))
        {
            throw new WeightException("there is no such file or folder.");
        }

        var (checkpoint, file) = Map(Path);
        OtherFamilies.Refuse(checkpoint.Tensors.Keys);
        var parts = DiffusionNames.Split(checkpoint.Tensors);
        IsSingle = true;
        IsLinear = HasLinearProjections(parts.UNet);
        UNet = new(file, DiffusionNames.UNet(parts.UNet));
        Vae = new(file, DiffusionNames.Vae(Present(parts.Vae, "autoencoder", "first_stage_model")));
        Text = new(file, DiffusionNames.Text(Present(parts.Text, "text encoder", "cond_stage_model")));
        Strangers = parts.Strangers;
        UNetSays = Settings.Select(extension => Small(System.IO.Path.ChangeExtension(Path, extension))).FirstOrDefault(text => text is not null);
        SaysVelocity = Said(UNetSays, checkpoint);
    }

    /// <summary>What a trainer's yaml says, or the file itself: as SAI's model spec, or by a weight that is there for nothing else.</summary>
    private static bool? Said(string? yaml, Checkpoint checkpoint)
    {
        if (yaml is not null)
        {
            return Parameterization().Match(yaml) is { Success: true } said && said.Groups[1].Value == "v";
        }

        return checkpoint.Tensors.ContainsKey("v_pred") ? true
            : checkpoint.Metadata.GetValueOrDefault("modelspec.prediction_type") is { } type ? type.StartsWith('v') : null;
    }

    private static IReadOnlyDictionary<string, StoredTensor> Present(IReadOnlyDictionary<string, StoredTensor> part, string what, string prefix) =>
        part.Count > 0 ? part : throw new WeightException($"it has no {what} ('{prefix}.*'); a checkpoint that can paint has a UNet, an autoencoder and a text encoder. "
            + "Find the file that was published with all of them.");

    private static bool HasLinearProjections(IReadOnlyDictionary<string, StoredTensor> unet) =>
        unet.Any(t => t.Key.EndsWith(".proj_in.weight", StringComparison.Ordinal) && t.Value.Shape.Rank == 2);

    private (IReadOnlyDictionary<string, StoredTensor> Weights, MappedFile File) Part(string folder, string[] names)
    {
        var path = names.Select(name => Inside($"{folder}/{name}")).FirstOrDefault(File.Exists)
            ?? throw new WeightException($"there is no '{folder}/{names[0]}' in it; a folder of diffusers has weights in unet, vae and text_encoder.");
        var (checkpoint, file) = Map(path);
        return (checkpoint.Tensors, file);
    }

    private (Checkpoint Checkpoint, MappedFile File) Map(string path)
    {
        var file = MappedFile.OpenRead(path);
        _open.Add(file);
        try
        {
            var checkpoint = Checkpoint.Open(new(file.Length, file.Read));
            return (checkpoint.Under(checkpoint.Root), file);
        }
        catch (WeightException e) when (path != Path)
        {
            throw new WeightException($"of '{System.IO.Path.GetRelativePath(Path, path)}', {e.Message}");
        }
    }

    private string Inside(string name) => System.IO.Path.Combine(Path, name);

    private string? SmallText(string name) => Small(Inside(name));

    private static string? Small(string path)
    {
        const long Most = 1 << 20;
        var file = new FileInfo(path);
        return !file.Exists ? null : file.Length <= Most ? File.ReadAllText(path)
            : throw new WeightException($"'{path}' has {file.Length} bytes; a file of settings has at most {Most}.");
    }

    [GeneratedRegex(@"""prediction_type""\s*:\s*""v_prediction""")]
    private static partial Regex Velocity();

    [GeneratedRegex(@"\bparameterization""?\s*:\s*[""']?(v|eps)\b")]
    private static partial Regex Parameterization();
}
