namespace Tastemaker.Nets.Weights;

/// <summary>A checkpoint is malformed, or it and the network disagree about a weight.</summary>
public sealed class WeightException(string message) : Exception(message);
