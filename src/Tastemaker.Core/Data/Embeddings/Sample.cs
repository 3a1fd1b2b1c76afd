using Tastemaker.Core.Imaging;

namespace Tastemaker.Core.Data.Embeddings;

/// <summary>One picture on its way to a vector.</summary>
/// <param name="Name">What the metadata call it: its path, or its key in a tar.</param>
/// <param name="Caption">Null where there is none.</param>
/// <param name="Json">What else is known of it, as JSON; null where nothing is.</param>
/// <param name="Bytes">Held in memory until it is decoded.</param>
/// <param name="Decode">Opens the picture; fails as <see cref="ImageDecoder"/> does.</param>
internal sealed record Sample(string Name, string? Caption, string? Json, long Bytes, Func<Orientation, CancellationToken, Raster> Decode);

/// <summary>Pictures that become one part: files, or the members of a tar.</summary>
internal interface ISampleSource
{
    /// <summary>How messages call it, and, with its size, what it is known by.</summary>
    string Name { get; }

    /// <summary>In bytes.</summary>
    long Size { get; }

    /// <summary>In an order that is always the same. What cannot be read is told of and passed over.</summary>
    IEnumerable<Sample> Samples(Action<string, string> fail, CancellationToken cancel);
}
