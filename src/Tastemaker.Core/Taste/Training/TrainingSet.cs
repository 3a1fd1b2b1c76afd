namespace Tastemaker.Core.Taste.Training;

/// <summary>What a head is trained on. Images are named by their place among the features.</summary>
/// <param name="Features">A unit vector an image, all of one length.</param>
/// <param name="Choices">The image that was preferred, and the one that was not.</param>
/// <param name="Ratings">What an image was given, all on one scale; an image may have several.</param>
public sealed record TrainingSet(IReadOnlyList<float[]> Features, IReadOnlyList<(int Better, int Worse)> Choices, IReadOnlyList<(int Image, double Value)> Ratings);

/// <summary>What was judged cannot be learned from; the message says what is missing.</summary>
public sealed class TrainingException(string message) : Exception(message);
