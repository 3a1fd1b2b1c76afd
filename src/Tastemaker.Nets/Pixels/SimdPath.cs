using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tastemaker.Nets.Pixels;

/// <summary>The instructions that a kernel uses. Every path gives the same bits.</summary>
internal enum SimdPath
{
    Scalar,
    Vector128,
    Avx2,
}

internal static class SimdPaths
{
    /// <summary>What this processor can run, slowest first.</summary>
    public static IReadOnlyList<SimdPath> Here { get; } =
    [
        SimdPath.Scalar,
        .. Vector128.IsHardwareAccelerated ? [SimdPath.Vector128] : Array.Empty<SimdPath>(),
        .. Avx2.IsSupported ? [SimdPath.Avx2] : Array.Empty<SimdPath>(),
    ];

    public static SimdPath Best { get; } = Here[^1];
}
