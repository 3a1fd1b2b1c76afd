namespace Tastemaker.Nets.Clip;

/// <summary>A vocabulary that is not one of CLIP's, or a text that does not fit its window.</summary>
public sealed class TokenizerException(string message, int tokens = 0) : Exception(message)
{
    /// <summary>How many tokens the text takes, start and end included, where it was too long; else 0.</summary>
    public int Tokens { get; } = tokens;
}
