using System.Security.Cryptography;
using Tastemaker.Core.Models;
using Tastemaker.Core.Painting.Diffusion;
using Tastemaker.Nets.Clip;

namespace Tastemaker.Core.Painting.Aesthetics;

/// <summary>How near a prompt is to its aesthetic.</summary>
/// <param name="Window">Which of the windows that were handed in together.</param>
/// <param name="Step">Steps that were made; 0 before the first.</param>
public readonly record struct AestheticReading(int Window, int Step, int Steps, double Cosine);

/// <summary>What prompts are drawn with.</summary>
/// <param name="Cache">Where drawn prompts are kept; null to draw each again.</param>
/// <param name="Told">The cosine before the first step and after each; at once for a prompt that was kept.</param>
public sealed record AestheticMeans(ModelStore Models, ClipTokenizer Tokenizer, DiffusionOptions Options, int ClipSkip, ConditioningCache? Cache, IProgress<AestheticReading>? Told);

/// <summary>
/// Reads prompts through a text encoder that is drawn, for each of them, towards an aesthetic. The empty prompt stays as it is, and where the settings draw
/// nothing, so do all: the very numbers of the plain encoder come.
/// </summary>
public sealed class AestheticPrompts : IPromptStates, IDisposable
{
    private readonly Lock _turn = new();
    private readonly DiffusionCheckpoint _checkpoint;
    private readonly IPromptStates _plain;
    private readonly AestheticTarget _target;
    private readonly AestheticSettings _settings;
    private readonly AestheticMeans _means;
    private readonly TextTower _tower;
    private readonly OpenModel? _stock;
    private readonly long[] _text;
    private readonly Lazy<(string Tower, string Plain)> _fingerprints;
    private DrawnTower? _drawn;
    private float[]? _direction;

    private AestheticPrompts(DiffusionCheckpoint checkpoint, IPromptStates plain, AestheticTarget target, AestheticSettings settings, AestheticMeans means, TextTower tower, OpenModel? stock)
    {
        (_checkpoint, _plain, _target, _settings, _means, _tower, _stock) = (checkpoint, plain, target, settings, means, tower, stock);
        _text = string.IsNullOrEmpty(settings.Text) ? [] : [.. means.Tokenizer.Window(settings.Text, checkpoint.Window)];
        _fingerprints = new(() => (tower.Fingerprint(CancellationToken.None), FingerprintOf(checkpoint)));
    }

    /// <inheritdoc/>
    public int Width => _plain.Width;

    /// <inheritdoc/>
    public bool ReadsNegatives => _settings.IsCompatible;

    /// <param name="checkpoint">Has to stay open.</param>
    /// <param name="plain">The checkpoint's own text encoder, which has to stay open; for the same clip skip and options as <paramref name="means"/>.</param>
    /// <exception cref="ModelException">The aesthetic is of another space, or there is no text projection that belongs to the checkpoint.</exception>
    public static AestheticPrompts Open(DiffusionCheckpoint checkpoint, IPromptStates plain, AestheticTarget target, AestheticSettings settings, AestheticMeans means)
    {
        settings.Checked();
        TextTower.Demand(means.Models, checkpoint, target.Space);
        OpenModel? stock = null;
        try
        {
            var tower = settings.Encoder == DrawnEncoder.Own ? TextTower.Own(checkpoint, Stock) : TextTower.Stock(checkpoint, Stock());
            var dims = tower.Config.Tower.Dims;
            return dims == target.Vector.Length ? new(checkpoint, plain, target, settings, means, tower, stock)
                : throw new ModelException($"aesthetic '{target.Name}' has {target.Vector.Length} numbers; the text encoder of '{checkpoint.Path}' puts texts among images in {dims}. "
                    + "Take an aesthetic that was made with the encoder that belongs to it.");
        }
        catch
        {
            stock?.Dispose();
            throw;
        }

        OpenModel Stock() => stock = TextTower.FindStock(means.Models, checkpoint, target.Space);
    }

    /// <inheritdoc/>
    public float[] Encode(ReadOnlySpan<long> ids, int count, CancellationToken cancel)
    {
        var length = ids.Length / count;
        if (!_settings.IsActive)
        {
            return _plain.Encode(ids, count, cancel);
        }

        var states = new float[count * length * Width];
        for (var i = 0; i < count; i++)
        {
            var window = ids.Slice(i * length, length);
            var made = IsEmpty(window) && !_settings.IsCompatible ? _plain.Encode(window, 1, cancel) : Of(window, i, cancel);
            made.CopyTo(states, i * length * Width);
        }

        return states;
    }

    public void Dispose()
    {
        _drawn?.Dispose();
        _stock?.Dispose();
    }

    private float[] Of(ReadOnlySpan<long> window, int place, CancellationToken cancel)
    {
        lock (_turn)
        {
            var key = _means.Cache is null ? "" : KeyOf(window).Hash();
            if (_means.Cache?.Find(key) is { } kept && kept.States.Length == window.Length * Width)
            {
                foreach (var (step, cosine) in kept.Cosines.Index())
                {
                    _means.Told?.Report(new(place, step, _settings.Steps, cosine));
                }

                return kept.States;
            }

            var plain = _settings.Weight == 1 ? null : _plain.Encode(window, 1, cancel);
            _drawn ??= new(_tower, prompts: 1, _means.ClipSkip, new(_means.Options.Device, _means.Options.Threads), cancel);
            _direction ??= Direction(_drawn, cancel);
            var length = (float)Math.Sqrt(_direction.Sum(x => (double)x * x));
            var drawn = _drawn.Draw(
                window, _direction, _settings.Steps, _settings.LearningRate, (step, now) => _means.Told?.Report(new(place, step, _settings.Steps, now[0] / length)), cancel);
            var made = new Conditioning(Numbers.Checked(Mixed(plain, drawn.States), "text encoder, drawn towards the aesthetic,"), [.. drawn.Cosines.Select(c => c[0] / length)]);
            _means.Cache?.Keep(key, made);
            return made.States;
        }
    }

    private float[] Mixed(float[]? plain, float[] drawn) => plain is null ? drawn
        : !_settings.Slerp ? Arc.Straight(plain, drawn, _settings.Weight)
        : _settings.IsCompatible ? Arc.OverColumns(plain, drawn, _settings.Weight, Width)
        : Arc.OverRows(plain, drawn, _settings.Weight, Width);

    /// <summary>The aesthetic, turned towards a text or away from it.</summary>
    private float[] Direction(DrawnTower tower, CancellationToken cancel)
    {
        var aesthetic = _target.Vector.ToArray();
        if (_text.Length == 0)
        {
            return aesthetic;
        }

        var text = tower.Features(_text, cancel);
        if (!_settings.IsCompatible)
        {
            text = Unit(text);
        }

        if (_settings.IsNegative)
        {
            text = Unit([.. aesthetic.Zip(text, (e, s) => e - s)]);
        }

        var turned = Arc.OverRows(aesthetic, text, _settings.Angle, aesthetic.Length);
        return _settings.IsCompatible ? turned : Unit(turned);
    }

    private float[] Unit(float[] vector) => AestheticTarget.Of(_settings.Text ?? "", _target.Space, vector).Vector.ToArray();

    private ConditioningKey KeyOf(ReadOnlySpan<long> window)
    {
        var (tower, plain) = _fingerprints.Value;
        var (options, config) = (_means.Options, _checkpoint.Config.Text);
        return new(tower, plain, (_tower.Config, config), _target.Hash, _settings, _means.ClipSkip, $"{options.Precision}", options.Device, window.ToArray(), _text);
    }

    /// <summary>Whether the end stands right after the start.</summary>
    private static bool IsEmpty(ReadOnlySpan<long> window)
    {
        var most = window[0];
        foreach (var id in window)
        {
            most = Math.Max(most, id);
        }

        return window[1] == most;
    }

    private static string FingerprintOf(DiffusionCheckpoint checkpoint)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        TextTower.Hash(hash, checkpoint.TextWeights, checkpoint.TextWeights.Weights.Keys.Order(StringComparer.Ordinal), CancellationToken.None);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
