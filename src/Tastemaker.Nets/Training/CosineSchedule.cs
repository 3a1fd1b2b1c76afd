namespace Tastemaker.Nets.Training;

/// <summary>
/// A learning rate that rises evenly from 0 over the warm-up and falls to 0 along half a cosine: <c>get_cosine_schedule_with_warmup</c> of
/// huggingface/transformers, which custom-classifier-training uses.
/// </summary>
/// <param name="Steps">Of the whole training.</param>
/// <param name="WarmUp">Steps of the rise.</param>
public sealed record CosineSchedule(double Peak, int Steps, int WarmUp)
{
    /// <param name="step">The first being 0.</param>
    public double At(int step) => step < WarmUp
        ? Peak * step / WarmUp
        : Peak * 0.5 * (1 + Math.Cos(Math.PI * Math.Min(step - WarmUp, Steps - WarmUp) / Math.Max(1, Steps - WarmUp)));
}
