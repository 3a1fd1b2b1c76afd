using System.Text.Json;

namespace Tastemaker.Core.Imaging.Generation;

/// <summary>
/// InvokeAI's three generations of metadata: <c>invokeai_metadata</c> (its docs), before that <c>sd-metadata</c>, and first
/// <c>Dream</c>, a command line (invoke-ai/InvokeAI, ldm/invoke/args.py).
/// </summary>
internal static class InvokeAi
{
    private static readonly Dictionary<string, Field> Names = new(StringComparer.Ordinal)
    {
        ["positive_prompt"] = Field.Prompt,
        ["negative_prompt"] = Field.NegativePrompt,
        ["seed"] = Field.Seed,
        ["steps"] = Field.Steps,
        ["scheduler"] = Field.Sampler,
        ["sampler"] = Field.Sampler,
        ["cfg_scale"] = Field.CfgScale,
        ["width"] = Field.Width,
        ["height"] = Field.Height,
        ["model_weights"] = Field.Model,
        ["model_hash"] = Field.ModelHash,
    };

    private static readonly Dictionary<string, Field> Switches = new(StringComparer.Ordinal)
    {
        ["-s"] = Field.Steps,
        ["-S"] = Field.Seed,
        ["-W"] = Field.Width,
        ["-H"] = Field.Height,
        ["-C"] = Field.CfgScale,
        ["-A"] = Field.Sampler,
    };

    public static GenerationInfo? Read(IReadOnlyDictionary<string, string> texts)
    {
        using var metadata = texts.TryGetValue("invokeai_metadata", out var text) ? GeneratorJson.Object(text) : null;
        using var older = texts.TryGetValue("sd-metadata", out var old) ? GeneratorJson.Object(old) : null;
        return (metadata is null ? null : ReadMetadata(metadata.RootElement))
            ?? (older is null ? null : ReadOlder(older.RootElement))
            ?? (texts.TryGetValue("Dream", out var dream) ? ReadDream(dream) : null);
    }

    public static GenerationInfo? ReadMetadata(JsonElement root)
    {
        if (root.Member("positive_prompt") is null)
        {
            return null;
        }

        var draft = new GenerationDraft(Names);
        if (root.Member("model") is { } model && (model.TextOf("name") ?? model.TextOf("model_name")) is { } name)
        {
            draft.Set(Field.Model, name);
            if (model.TextOf("hash") is { } hash)
            {
                draft.Set(Field.ModelHash, hash);
            }
        }

        root.AddTo(draft, "model");
        return draft.By(Generator.InvokeAI);
    }

    private static GenerationInfo? ReadOlder(JsonElement root)
    {
        if (root.Member("image") is not { ValueKind: JsonValueKind.Object } image)
        {
            return null;
        }

        var draft = new GenerationDraft(Names);
        draft.Set(Field.Prompt, PromptOf(image));
        image.AddTo(draft, "prompt");
        root.AddTo(draft, "image");
        return draft.By(Generator.InvokeAI);
    }

    /// <summary>A text, or parts with weights.</summary>
    private static string PromptOf(JsonElement image) => image.Member("prompt") switch
    {
        { ValueKind: JsonValueKind.Array } parts => string.Join(' ', parts.EnumerateArray().Select(part => part.TextOf("prompt")).OfType<string>()),
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        _ => "",
    };

    /// <summary><c>"a prompt" -s 50 -S 42 -W 512 -H 512 -C 7.5 -A k_lms</c>; the first versions wrote a switch and its value as one word.</summary>
    private static GenerationInfo? ReadDream(string text)
    {
        var (prompt, switches) = Dream(text.Trim());
        var draft = new GenerationDraft(Switches);
        draft.Set(Field.Prompt, prompt);
        var words = switches.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < words.Length; i++)
        {
            var isGlued = words[i].Length > 2 && Switches.ContainsKey(words[i][..2]);
            var name = isGlued ? words[i][..2] : words[i];
            draft.Add(name, isGlued ? words[i][2..] : i + 1 < words.Length && !IsSwitch(words[i + 1]) ? words[++i] : "true");
        }

        return draft.By(Generator.InvokeAI);
    }

    private static (string Prompt, string Switches) Dream(string text)
    {
        if (text.StartsWith('"') && text.LastIndexOf('"') is > 0 and var quote)
        {
            return (text[1..quote], text[(quote + 1)..]);
        }

        for (var end = text.IndexOf(" -", StringComparison.Ordinal); end >= 0; end = text.IndexOf(" -", end + 1, StringComparison.Ordinal))
        {
            if (IsSwitch(text.AsSpan(end + 1)))
            {
                return (text[..end].Trim(), text[end..]);
            }
        }

        return (text, "");
    }

    private static bool IsSwitch(ReadOnlySpan<char> word) => word is ['-', var letter, ..] && (char.IsAsciiLetter(letter) || letter == '-');
}
