namespace Tastemaker.Core.Platform;

/// <summary>What a batch did: one bad item is named and never stops the others.</summary>
public sealed record BatchResult<T>(IReadOnlyList<T> Done, IReadOnlyList<Failure> Failures);

/// <summary>One item that could not be done.</summary>
/// <param name="Reason">A sentence that can follow the path and a colon.</param>
public sealed record Failure(string Path, string Reason);
