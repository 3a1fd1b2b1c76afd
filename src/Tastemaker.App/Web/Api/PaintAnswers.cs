using System.ComponentModel;

namespace Tastemaker.App.Web.Api;

/// <param name="Prompt">What the picture shows; (word:1.2) means more of a word. May be left out with 'like'.</param>
/// <param name="Negative">What it must not show.</param>
/// <param name="Seed">Of the first picture; those after it have the numbers after it.</param>
/// <param name="Width">In pixels; a multiple of 8.</param>
/// <param name="Height">The same.</param>
/// <param name="Steps">Calls of the UNet for a picture.</param>
/// <param name="Sampler">Such as 'DPM++ 2M Karras', 'Euler a' or 'DDIM'.</param>
/// <param name="Cfg">How strictly the prompt is followed, 1 to 100.</param>
/// <param name="Eta">Of DDIM, how much noise is added on the way, 0 to 1.</param>
/// <param name="ClipSkip">1 for the text encoder's last state, 2 for the one before.</param>
/// <param name="Aesthetic">An aesthetic of the studio that the prompt is drawn towards; empty for none.</param>
/// <param name="AestheticSteps">How often the text encoder learns from the prompt, 0 to 1000.</param>
/// <param name="Count">Pictures, 1 to 100.</param>
/// <param name="Like">The content id of an image of the studio, whose prompt and settings count where nothing else is said.</param>
internal sealed record PaintBody(
    string? Prompt = null,
    string? Negative = null,
    [property: Description("Of the first picture; those after it have the numbers after it. Left out or -1: any.")] long? Seed = null,
    int? Width = null,
    int? Height = null,
    int? Steps = null,
    string? Sampler = null,
    double? Cfg = null,
    double? Eta = null,
    int? ClipSkip = null,
    [property: Description("'gpu' for the noise that seeds of A1111 stand for, 'cpu' for ComfyUI's.")] string? Noise = null,
    string? Aesthetic = null,
    int? AestheticSteps = null,
    int Count = 1,
    string? Like = null);

/// <param name="Run">By which it can be cancelled.</param>
/// <param name="Seed">Of its first picture.</param>
internal sealed record PaintAsked(long Run, int Pictures, ulong Seed);

/// <param name="Checkpoint">That paints; null where 'taste serve' was started without one.</param>
/// <param name="Finished">Pictures that were finished since the server started.</param>
/// <param name="Now">What is being painted.</param>
/// <param name="Waiting">Runs in the order of their turns, a hundred at most; those that failed say why and wait until they are tried again.</param>
internal sealed record PaintAnswer(string? Checkpoint, int Finished, PaintNowAnswer? Now, IReadOnlyList<PaintRunAnswer> Waiting);

/// <param name="Picture">The one that is painted, from 1.</param>
/// <param name="Pictures">That were left of the run when painting began.</param>
/// <param name="Step">Steps taken of it; 0 while the checkpoint is opened and the prompt is read.</param>
/// <param name="Preview">The address of a small PNG of what the picture will be; null before the first step.</param>
internal sealed record PaintNowAnswer(
    long Run, string Prompt, ulong Seed, int Picture, int Pictures, int Step, int Steps, double? SecondsPerStep, double? SecondsLeft, string? Preview);

/// <param name="Pictures">That are left.</param>
/// <param name="Trouble">Why it failed; null for a run that waits for its turn.</param>
internal sealed record PaintRunAnswer(long Run, int Pictures, string Prompt, string? Trouble);

/// <param name="Spared">Pictures that are not painted.</param>
internal sealed record PaintCancelled(int Spared);
