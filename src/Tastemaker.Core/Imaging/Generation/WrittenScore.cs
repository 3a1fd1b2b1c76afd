namespace Tastemaker.Core.Imaging.Generation;

/// <summary>A score that a program wrote into a picture or its name.</summary>
/// <param name="Place">Where: the name of a setting or of a text chunk (<c>aesthetic_score</c>, <c>Score</c>), or <c>file name</c>.</param>
public sealed record WrittenScore(string Place, double Value);
