namespace Tastemaker.Core.Judging;

/// <summary>Where the judgements that train a head come from.</summary>
/// <param name="Taste">Whose the head is.</param>
/// <param name="LogRow">The newest row of the log then; null where they are not from the log.</param>
/// <param name="File">The name of the file that they are from; null where they are from the log.</param>
public sealed record JudgementSource(string Taste, long? LogRow, string? File);
