namespace Tastemaker.Nets.Gist;

/// <summary>Placeholder.</summary>
internal static class GistScale
{
    public static ReadOnlySpan<float> Means => new float[600];

    public static ReadOnlySpan<float> Deviations => new float[600];
}
