using Tastemaker.Core.Imaging;

namespace Tastemaker.Core.Painting;

/// <summary>A finished picture.</summary>
/// <param name="Place">In its batch.</param>
/// <param name="Latents">[4, h / 8, w / 8], those that the picture was decoded from.</param>
public sealed record Painted(int Place, PaintRequest Request, Raster Picture, ReadOnlyMemory<float> Latents);
