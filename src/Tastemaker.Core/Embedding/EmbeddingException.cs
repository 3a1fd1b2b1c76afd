namespace Tastemaker.Core.Embedding;

/// <summary>A feature vector, or a file of them, that cannot be used; the message says why and what to do.</summary>
public sealed class EmbeddingException(string message, Exception? cause = null) : Exception(message, cause);
