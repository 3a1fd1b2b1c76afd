namespace Tastemaker.Nets.StableDiffusion;

/// <summary>A source of normally distributed numbers that a seed determines, draw after draw.</summary>
public interface INoise
{
    /// <summary>
    /// One draw: as many numbers as there is room for, of mean 0 and deviation 1. Generators do not draw one number after the other, so that two draws of 8
    /// are other numbers than one of 16.
    /// </summary>
    void Normal(Span<float> values);
}
