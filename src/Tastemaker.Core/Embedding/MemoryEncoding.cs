using Tastemaker.Core.Imaging;

namespace Tastemaker.Core.Embedding;

/// <summary>Pictures that are in no file.</summary>
public static class MemoryEncoding
{
    /// <summary>The features of a coded picture in memory, as <see cref="Embedder"/> gets them of a file. Nothing is kept.</summary>
    /// <exception cref="ImageException">The bytes are no image that can be used.</exception>
    /// <exception cref="EmbeddingException">The encoder gave numbers that are not finite.</exception>
    public static float[] Encode(this IEncoder encoder, ReadOnlyMemory<byte> picture, CancellationToken cancel)
    {
        var numbers = encoder.Encode(ImageDecoder.Decode(picture, encoder.Orientation, cancel), cancel);
        VectorFile.DemandFinite(numbers);
        return numbers;
    }
}
