namespace Tastemaker.Core.Models;

/// <summary>A model cannot be fetched, read, stored or used; the message says which one, why, and what to do.</summary>
public sealed class ModelException(string message, Exception? inner = null) : Exception(message, inner);
