namespace Tastemaker.Core.Library;

/// <summary>The studio's database cannot be used; the message says why and what to do.</summary>
public sealed class LibraryException(string message, Exception? cause = null) : Exception(message, cause);
