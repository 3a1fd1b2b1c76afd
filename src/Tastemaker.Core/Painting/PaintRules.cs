using Tastemaker.Core.Imaging;
using Tastemaker.Core.Models;
using Tastemaker.Core.Painting.Diffusion;
using Tastemaker.Nets.Clip;
using Tastemaker.Nets.StableDiffusion;

namespace Tastemaker.Core.Painting;

/// <summary>What a checkpoint asks of requests, known from its names, shapes and words alone, with no network made ready. Many threads may ask.</summary>
public sealed class PaintRules
{
    /// <summary>The sides of the pictures that a kind was trained on: SD 2 with v-prediction has seen larger ones.</summary>
    internal const int UsualSide = 512, VelocitySide = 768;

    private readonly TokenWindow _window;
    private readonly int _mostSkip;

    internal PaintRules(DiffusionCheckpoint checkpoint, ClipTokenizer tokenizer)
    {
        (Tokenizer, _window, _mostSkip) = (tokenizer, checkpoint.Window, checkpoint.Config.Text.MostSkip);
        (Name, Multiple) = (checkpoint.Name, checkpoint.Config.Vae.Downscaling);
        NaturalSide = checkpoint.SaysVelocity == true ? VelocitySide : UsualSide;
        Schedule = checkpoint.Scheduler is { } json ? NoiseScheduleConfig.FromJson(json) : new();
    }

    /// <summary>The checkpoint's.</summary>
    public string Name { get; }

    /// <summary>Of both sides of a picture: 8.</summary>
    public int Multiple { get; }

    /// <summary>Of the pictures that it was trained on, in pixels, as far as its files say.</summary>
    public int NaturalSide { get; }

    /// <summary>What prompts are spelled with.</summary>
    internal ClipTokenizer Tokenizer { get; }

    /// <summary>The noise that it was trained on; what it predicts of it is another matter.</summary>
    internal NoiseScheduleConfig Schedule { get; }

    /// <param name="path">A folder of diffusers, or a single file.</param>
    /// <param name="models">Where CLIP's vocabulary is looked for if the checkpoint came without.</param>
    /// <exception cref="ModelException">It cannot paint; the message says why.</exception>
    public static PaintRules Of(string path, ModelStore models)
    {
        using var checkpoint = DiffusionCheckpoint.Open(path);
        return new(checkpoint, PromptVocabulary.Of(checkpoint, models));
    }

    /// <summary>Finds at once, without painting, what cannot be had.</summary>
    /// <exception cref="PaintException">A setting is out of its range.</exception>
    /// <exception cref="ImageException">The picture to start from cannot be read.</exception>
    public void Demand(PaintRequest request)
    {
        request.Demand(Multiple);
        request.NewSampler(new(Schedule));
        Chunks(request.Prompt);
        Chunks(request.Negative);
        if (request.ClipSkip < 1 || request.ClipSkip > _mostSkip)
        {
            throw new PaintException($"clip skip {request.ClipSkip} is asked for; 1 to {_mostSkip} is wanted.");
        }

        if (request.Start is { } start)
        {
            ImageDecoder.Inspect(start);
        }
    }

    /// <summary>A prompt as the text encoder is given it.</summary>
    /// <exception cref="PaintException">It is too long.</exception>
    internal IReadOnlyList<PromptChunk> Chunks(string prompt)
    {
        try
        {
            return PromptChunks.Of(PromptEmphasis.Parse(prompt), Tokenizer, _window);
        }
        catch (ArgumentException e)
        {
            throw new PaintException(e.Message, e);
        }
    }
}
