namespace Tastemaker.Core.Platform.Tables;

/// <summary>A table cannot be read or written; the message names the file and says what was wanted of it.</summary>
public sealed class TableException(string message, Exception? inner = null) : Exception(message, inner);
