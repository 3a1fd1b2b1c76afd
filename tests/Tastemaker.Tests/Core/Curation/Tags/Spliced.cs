using Tastemaker.Core.Imaging.Metadata;

namespace Tastemaker.Tests.Core.Curation.Tags;

/// <summary>What splices make of bytes.</summary>
internal static class Spliced
{
    public static byte[] Apply(byte[] bytes, IReadOnlyList<Splice> splices)
    {
        var (result, at) = (new List<byte>(), 0);
        foreach (var splice in splices)
        {
            result.AddRange(bytes[at..(int)splice.Offset]);
            at = (int)splice.Offset + splice.Removed.Length;
            Assert.Equal(bytes[(int)splice.Offset..at], splice.Removed.ToArray());
            result.AddRange(splice.Inserted.ToArray());
        }

        return [.. result, .. bytes[at..]];
    }
}
