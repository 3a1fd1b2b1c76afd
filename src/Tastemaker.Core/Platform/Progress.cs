namespace Tastemaker.Core.Platform;

/// <summary>How far a long step is.</summary>
/// <param name="Step">What is being done, such as <c>reading images</c>.</param>
public sealed record Progress(string Step, int Done, int Total);
