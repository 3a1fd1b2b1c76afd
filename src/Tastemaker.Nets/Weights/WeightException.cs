namespace Tastemaker.Nets.Weights;

/// <summary>A file is not a checkpoint that can be read, or it and the network disagree about a weight.</summary>
public sealed class WeightException(string message) : Exception(message);
