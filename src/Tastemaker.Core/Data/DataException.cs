namespace Tastemaker.Core.Data;

/// <summary>Data cannot be read, selected or written as asked; the message says what was wanted.</summary>
public sealed class DataException(string message, Exception? inner = null) : Exception(message, inner);
