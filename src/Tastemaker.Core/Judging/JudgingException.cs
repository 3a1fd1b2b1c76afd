namespace Tastemaker.Core.Judging;

/// <summary>A judgement, a taste or a pair is not as it must be; the message says what was wanted and what to do.</summary>
public sealed class JudgingException(string message, JudgingFault fault = JudgingFault.Invalid) : Exception(message)
{
    public JudgingFault Fault { get; } = fault;
}

/// <summary>Why something cannot be done with a taste.</summary>
public enum JudgingFault
{
    /// <summary>What was asked for or said can never be.</summary>
    Invalid,

    /// <summary>It names an image that the studio does not have.</summary>
    UnknownImage,

    /// <summary>It could be, but not as things stand: the pair is not open, the images do not suffice.</summary>
    NotNow,
}
