namespace Tastemaker.Nets.Clip;

/// <summary>How tokens are laid into the fixed row that a text tower takes: start, text, end, padding.</summary>
public sealed record TokenWindow
{
    /// <summary><c>clip.tokenize</c> of openai/CLIP: zeros after the end, and too long a text is an error.</summary>
    public static readonly TokenWindow OpenAI = new() { Padding = TokenPadding.Zero, Overflow = TokenOverflow.Throw };

    /// <summary>The tokenizer of Stable Diffusion 1.x: more end tokens after the end.</summary>
    public static readonly TokenWindow StableDiffusion1 = new() { Padding = TokenPadding.EndToken };

    /// <summary>The tokenizer of Stable Diffusion 2.x, which pads with <c>!</c>, token 0.</summary>
    public static readonly TokenWindow StableDiffusion2 = new() { Padding = TokenPadding.Zero };

    /// <summary>In tokens, start and end included; at least 2.</summary>
    public int Length { get; init; } = 77;

    public TokenPadding Padding { get; init; } = TokenPadding.EndToken;

    public TokenOverflow Overflow { get; init; } = TokenOverflow.Truncate;
}

public enum TokenPadding
{
    Zero,
    EndToken,
}

/// <summary>What becomes of a text that is too long.</summary>
public enum TokenOverflow
{
    /// <summary>What does not fit is cut off; the last token is the end token.</summary>
    Truncate,
    Throw,
}
