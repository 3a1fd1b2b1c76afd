using System.Globalization;

namespace Tastemaker.Core.Imaging.Generation;

/// <summary>What a setting is, whatever a generator calls it.</summary>
internal enum Field
{
    Prompt,
    NegativePrompt,
    Seed,
    Steps,
    Sampler,
    Scheduler,
    CfgScale,
    Width,
    Height,
    Size,
    Model,
    ModelHash,
    Score,
}

/// <summary>Gathers a generator's settings by their names; what has no field, or no value of the field's kind, stays a setting.</summary>
internal sealed class GenerationDraft(IReadOnlyDictionary<string, Field> names)
{
    /// <summary>A longer value is data, such as an image to start from.</summary>
    private const int LongestSetting = 1 << 14;

    private readonly List<KeyValuePair<string, string>> _settings = [];
    private readonly List<WrittenScore> _scores = [];
    private GenerationInfo _info = new();

    public void Add(string name, string value)
    {
        if (value.Length == 0)
        {
            return;
        }

        if (names.TryGetValue(name, out var field) && Set(field, value))
        {
            if (field == Field.Score)
            {
                _scores.Add(new(name, Number(value)!.Value));
            }
        }
        else if (value.Length <= LongestSetting)
        {
            _settings.Add(new(name, value));
        }
    }

    /// <returns>Whether the value is one of the field's kind.</returns>
    public bool Set(Field field, string value)
    {
        var info = field switch
        {
            Field.Prompt => _info with { Prompt = value },
            Field.NegativePrompt => _info with { NegativePrompt = value },
            Field.Seed when Whole(value) is { } seed => _info with { Seed = seed },
            Field.Steps when Int(value) is { } steps => _info with { Steps = steps },
            Field.Sampler => _info with { Sampler = value },
            Field.Scheduler => _info with { Scheduler = value },
            Field.CfgScale when Number(value) is { } scale => _info with { CfgScale = scale },
            Field.Width when Int(value) is { } width => _info with { Width = width },
            Field.Height when Int(value) is { } height => _info with { Height = height },
            Field.Size when Size(value) is var (width, height) => _info with { Width = width, Height = height },
            Field.Model => _info with { Model = value },
            Field.ModelHash => _info with { ModelHash = value },
            Field.Score when Number(value) is not null => _info,
            _ => null,
        };
        _info = info ?? _info;
        return info is not null;
    }

    public GenerationInfo By(Generator generator) => _info with { Generator = generator, Settings = _settings, Scores = _scores };

    /// <summary>A finite number, written as a program writes it.</summary>
    public static double? Number(string value) =>
        double.TryParse(value.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    /// <summary>A whole number from 0 on, which may be written with zeros after a point.</summary>
    private static ulong? Whole(string value) =>
        decimal.TryParse(value.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= ulong.MaxValue && decimal.IsInteger(number)
            ? (ulong)number
            : null;

    private static int? Int(string value) => Whole(value) is { } whole and <= int.MaxValue ? (int)whole : null;

    /// <summary><c>512x768</c>, <c>512×768</c>, <c>(512, 768)</c>.</summary>
    private static (int Width, int Height)? Size(string value) =>
        value.Trim().Trim('(', ')', '[', ']').Split(['x', '×', ',']) is [var width, var height] && Int(width) is { } w && Int(height) is { } h ? (w, h) : null;
}
