namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>
/// One stretch of a file that becomes another; everything outside of it stays byte for byte. Turned round, it takes itself back.
/// </summary>
/// <param name="Offset">Where it begins in the file as it was.</param>
/// <param name="Removed">The bytes that stand there; empty where something is only put in.</param>
/// <param name="Inserted">The bytes that come in their place; empty where something is only taken out.</param>
public readonly record struct Splice(long Offset, ReadOnlyMemory<byte> Removed, ReadOnlyMemory<byte> Inserted);
