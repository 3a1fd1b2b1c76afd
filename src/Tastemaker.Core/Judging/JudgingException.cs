namespace Tastemaker.Core.Judging;

/// <summary>A judgement, a taste or a pair is not as it must be; the message says what was wanted and what to do.</summary>
public sealed class JudgingException(string message) : Exception(message);
