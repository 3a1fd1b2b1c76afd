namespace Tastemaker.Nets.StableDiffusion;

/// <summary>A piece of a prompt, and how much of it is meant: 1 is plain text.</summary>
public sealed record PromptPart(string Text, double Weight)
{
    /// <summary>Not text, but the end of a chunk of tokens.</summary>
    public static readonly PromptPart Break = new("", 1);

    public bool IsBreak => ReferenceEquals(this, Break);
}
