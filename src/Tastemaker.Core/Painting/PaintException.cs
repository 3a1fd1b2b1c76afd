namespace Tastemaker.Core.Painting;

/// <summary>A picture that was asked for cannot be painted; the message says which setting, what was wanted, and what to do.</summary>
public sealed class PaintException(string message, Exception? inner = null) : Exception(message, inner);
