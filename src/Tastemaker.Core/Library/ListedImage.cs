namespace Tastemaker.Core.Library;

/// <summary>What lists of many images are sorted and filtered by.</summary>
/// <param name="Path">The first of its files; empty where it has none.</param>
/// <param name="ModifiedNs">When that file was last changed, in nanoseconds since 1970 UTC.</param>
public sealed record ListedImage(long Id, string Path, long ModifiedNs);

/// <summary>Equal as long as no image and no file has entered the studio.</summary>
public readonly record struct LibraryVersion(long LastImage, long LastFile);
