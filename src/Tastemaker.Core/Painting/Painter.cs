using Tastemaker.Core.Imaging;
using Tastemaker.Core.Models;
using Tastemaker.Core.Painting.Aesthetics;
using Tastemaker.Core.Painting.Diffusion;
using Tastemaker.Nets.Pixels;
using Tastemaker.Nets.StableDiffusion;

namespace Tastemaker.Core.Painting;

/// <summary>A checkpoint of Stable Diffusion, ready to paint requests. For one thread at a time.</summary>
public sealed class Painter : IDisposable
{
    private readonly DiffusionOptions _options;
    private readonly PaintRules _rules;
    private readonly Denoiser _denoiser;
    private readonly Lazy<LatentDecoder> _decoder;
    private readonly Lazy<LatentEncoder> _encoder;
    private readonly Dictionary<int, PromptEncoder> _readers = [];

    private Painter(DiffusionCheckpoint checkpoint, DiffusionOptions options, PaintRules rules, Denoiser denoiser)
    {
        (Checkpoint, _options, _rules, _denoiser) = (checkpoint, options, rules, denoiser);
        _decoder = new(() => checkpoint.Decoder(options));
        _encoder = new(() => checkpoint.Encoder(options));
        Schedule = rules.Schedule with { Prediction = denoiser.PredictsVelocity ? PredictionType.VPrediction : PredictionType.Epsilon };

        // On a processor, several rows at once are no faster, take as many times the memory, and sum in another order, so that a picture's last bits depended on
        // its neighbours. GPUs want work in large pieces.
        RowsPerCall = options.Device == Device.Processor ? 1 : int.MaxValue;
    }

    /// <summary>What it paints from; <see cref="DiffusionCheckpoint.Unused"/> is worth a warning.</summary>
    public DiffusionCheckpoint Checkpoint { get; }

    /// <summary>Of both sides of a picture: 8.</summary>
    public int Multiple => _rules.Multiple;

    /// <summary>Of the pictures that it was trained on, in pixels: SD 2 with v-prediction has seen larger ones.</summary>
    public int NaturalSide => _denoiser.PredictsVelocity ? PaintRules.VelocitySide : PaintRules.UsualSide;

    /// <summary>The noise that it was trained on.</summary>
    internal NoiseScheduleConfig Schedule { get; set; }

    /// <summary>Of the UNet: prompts and negative prompts of a batch are a row each.</summary>
    internal int RowsPerCall { get; set; }

    /// <param name="path">A folder of diffusers, or a single file.</param>
    /// <param name="models">Where CLIP's vocabulary is looked for if the checkpoint came without.</param>
    /// <exception cref="ModelException">It cannot paint; the message says why.</exception>
    public static Painter Open(string path, DiffusionOptions options, ModelStore models, CancellationToken cancel)
    {
        var checkpoint = DiffusionCheckpoint.Open(path);
        try
        {
            checkpoint.DemandNumbers(cancel);
            return new(checkpoint, options, new(checkpoint, PromptVocabulary.Of(checkpoint, models)), checkpoint.Denoiser(options, cancel));
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>What reads prompts drawn towards an aesthetic; the caller's to dispose, before the painter.</summary>
    /// <param name="models">Where the CLIP that the checkpoint was made from is looked for.</param>
    /// <param name="cache">Null to draw every prompt anew.</param>
    /// <exception cref="ModelException">The aesthetic is of another space, or its CLIP is not installed.</exception>
    public AestheticPrompts Drawn(
        AestheticTarget target, AestheticSettings settings, int clipSkip, ModelStore models, ConditioningCache? cache, IProgress<AestheticReading>? told) =>
        AestheticPrompts.Open(Checkpoint, Reader(clipSkip), target, settings, new(models, _rules.Tokenizer, _options, clipSkip, cache, told));

    /// <inheritdoc cref="PaintRules.Demand"/>
    public void Demand(PaintRequest request) => _rules.Demand(request);

    /// <summary>Paints several pictures step by step together.</summary>
    /// <param name="batch">Of equal settings: <see cref="PaintRequest.GoesWith"/>.</param>
    /// <param name="states">What reads the prompts; null for the checkpoint's own text encoder, which else reads the negative prompts.</param>
    /// <param name="watch">Told after each step; may look at the pictures, and stop some.</param>
    /// <returns>Those that were not stopped, in their order.</returns>
    /// <exception cref="PaintException">A setting cannot be had.</exception>
    /// <exception cref="ModelException">A network makes no numbers.</exception>
    /// <exception cref="ImageException">The picture to start from cannot be read.</exception>
    public IReadOnlyList<Painted> Paint(IReadOnlyList<PaintRequest> batch, IPromptStates? states, Action<PaintStep>? watch, CancellationToken cancel) =>
        Paint(batch, states, watch, request => request.NewNoise(), cancel);

    /// <summary>The same with noise of the caller's.</summary>
    internal IReadOnlyList<Painted> Paint(
        IReadOnlyList<PaintRequest> batch, IPromptStates? states, Action<PaintStep>? watch, Func<PaintRequest, INoise> noise, CancellationToken cancel)
    {
        if (batch.Count == 0 || batch.FirstOrDefault(request => !request.GoesWith(batch[0])) is not null)
        {
            throw new ArgumentException("a batch is one request or more, of equal settings.", nameof(batch));
        }

        batch[0].Demand(Multiple);
        var schedule = new NoiseSchedule(Schedule);
        var image = batch[0].Start is null ? [] : StartingImage(batch[0], cancel);
        Sketch[] sketches = [.. batch.Select(request => Begin(request, schedule, image, noise(request), states, cancel))];
        var steps = sketches[0].Sampler.Timesteps.Count;
        for (var step = 0; step < steps; step++)
        {
            Sketch[] live = [.. sketches.Where(sketch => !sketch.IsStopped)];
            Denoise(live, step, cancel);
            foreach (var sketch in live)
            {
                sketch.Advance(step);
            }

            watch?.Invoke(new(this, sketches, step + 1, steps));
        }

        return [.. sketches.Index().Where(s => !s.Item.IsStopped).Select(s => new Painted(s.Index, s.Item.Request, Decode(s.Item.Request, s.Item.Latents, cancel), s.Item.Latents))];
    }

    public void Dispose()
    {
        foreach (var reader in _readers.Values)
        {
            reader.Dispose();
        }

        if (_decoder.IsValueCreated)
        {
            _decoder.Value.Dispose();
        }

        if (_encoder.IsValueCreated)
        {
            _encoder.Value.Dispose();
        }

        _denoiser.Dispose();
        Checkpoint.Dispose();
    }

    /// <summary>A picture of latents of a request's size.</summary>
    internal Raster Decode(PaintRequest request, ReadOnlySpan<float> latents, CancellationToken cancel)
    {
        var (width, height) = (request.Width, request.Height);
        var image = _decoder.Value.Decode(latents, height / Multiple, width / Multiple, cancel); // [3, height, width]
        var (area, pixels) = (width * height, new byte[width * height * 3]);
        for (var i = 0; i < pixels.Length; i++)
        {
            // Halves are rounded to even, as numpy does.
            pixels[i] = (byte)MathF.Round(Math.Clamp((image[(i % 3 * area) + (i / 3)] / 2) + 0.5f, 0, 1) * byte.MaxValue);
        }

        return new(width, height, PixelMode.Rgb, pixels);
    }

    /// <summary>The first latents of a picture. As diffusers draws: from an image, first what the autoencoder is unsure of, then the noise over it.</summary>
    private Sketch Begin(PaintRequest request, NoiseSchedule schedule, float[] image, INoise noise, IPromptStates? states, CancellationToken cancel)
    {
        var sampler = request.NewSampler(schedule);
        List<Sketch.Branch> branches = [new(Read(request.Prompt, states ?? Reader(request.ClipSkip), cancel))];
        if (request.Guidance > 1)
        {
            branches.Insert(0, new(Read(request.Negative, states is { ReadsNegatives: true } ? states : Reader(request.ClipSkip), cancel)));
        }

        var (height, width) = (request.Height / Multiple, request.Width / Multiple);
        var draw = new float[Checkpoint.Config.UNet.Channels * height * width];
        var latents = new float[draw.Length];
        noise.Normal(draw);
        if (request.Start is null)
        {
            sampler.Start(draw, latents);
        }
        else
        {
            var clean = _encoder.Value.Encode(image, draw, request.Height, request.Width, cancel);
            noise.Normal(draw);
            sampler.Start(clean, draw, latents);
        }

        return new(request, sampler, noise, latents) { Branches = branches };
    }

    /// <summary>Chunk after chunk of a prompt, with its emphasis.</summary>
    /// <returns>[chunks × 77, width]</returns>
    private float[] Read(string prompt, IPromptStates states, CancellationToken cancel)
    {
        var chunks = _rules.Chunks(prompt);
        var read = states.Encode(chunks.SelectMany(chunk => chunk.Tokens).ToArray(), chunks.Count, cancel);
        var each = read.Length / chunks.Count;
        for (var i = 0; i < chunks.Count; i++)
        {
            chunks[i].Emphasize(read.AsSpan(i * each, each));
        }

        return read;
    }

    private PromptEncoder Reader(int clipSkip)
    {
        if (!_readers.TryGetValue(clipSkip, out var reader))
        {
            _readers[clipSkip] = reader = Checkpoint.Prompts(_options, clipSkip);
        }

        return reader;
    }

    /// <summary>Asks the UNet in every branch; prompts of different lengths in calls of their own.</summary>
    private void Denoise(IReadOnlyList<Sketch> sketches, int step, CancellationToken cancel)
    {
        var rows = sketches.SelectMany(sketch => sketch.Branches.Select(branch => (Sketch: sketch, Branch: branch)));
        foreach (var call in rows.GroupBy(row => row.Branch.Context.Length).SelectMany(same => same.Chunk(RowsPerCall)))
        {
            var (request, each) = (call[0].Sketch.Request, call[0].Sketch.Latents.Length);
            var predicted = _denoiser.Predict(
                Joined(call.Select(row => row.Sketch.Input(step))),
                call.Select(row => row.Sketch.Sampler.Timesteps[step]).ToArray(),
                Joined(call.Select(row => row.Branch.Context)),
                request.Height / Multiple, request.Width / Multiple, cancel);
            for (var i = 0; i < call.Length; i++)
            {
                call[i].Branch.Output = predicted[(i * each)..((i + 1) * each)];
            }
        }
    }

    private static float[] Joined(IEnumerable<float[]> rows) => rows.ToArray() is [var only] ? only : [.. rows.SelectMany(row => row)];

    /// <returns>[3, height, width] of -1 to 1.</returns>
    private static float[] StartingImage(PaintRequest request, CancellationToken cancel)
    {
        var (width, height) = (request.Width, request.Height);
        var picture = ImageDecoder.Decode(request.Start!, Orientation.Apply, cancel).ToRgb();
        var pixels = Resampler.Resize(picture.View, width, height, new(0, 0, width, height), Interpolation.Lanczos);
        var (area, image) = (width * height, new float[pixels.Length]);
        for (var i = 0; i < pixels.Length; i++)
        {
            image[(i % 3 * area) + (i / 3)] = (pixels[i] / (float)byte.MaxValue * 2) - 1;
        }

        return image;
    }
}
