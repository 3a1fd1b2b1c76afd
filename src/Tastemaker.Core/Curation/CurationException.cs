namespace Tastemaker.Core.Curation;

/// <summary>What the user asked for cannot be done as it is written; the message says what can.</summary>
public sealed class CurationException(string message) : Exception(message);
