using Tastemaker.Core.Imaging;
using Tastemaker.Core.Imaging.Metadata;

namespace Tastemaker.Tests.Core.Imaging.Metadata;

/// <summary>Plans and applies changes in memory.</summary>
internal static class Splices
{
    public static IReadOnlyList<Splice> Plan(byte[] file, MetadataChange change) =>
        MetadataEdit.Plan(new MemoryStream(file, writable: false), ImageFormats.Recognise(file)!.Value, change);

    public static byte[] Edit(byte[] file, MetadataChange change) => Apply(file, Plan(file, change));

    /// <summary>Refuses splices that are out of order, touch, or remove what is not there.</summary>
    public static byte[] Apply(byte[] file, IReadOnlyList<Splice> splices)
    {
        var (result, at) = (new List<byte>(), -1L);
        foreach (var splice in splices)
        {
            Assert.True(splice.Offset > at, $"a splice at {splice.Offset} follows one that ends at {at}");
            Assert.True(splice.Removed.Span.SequenceEqual(file.AsSpan((int)splice.Offset, splice.Removed.Length)), "it removes what is not there");
            result.AddRange(file.AsSpan((int)Math.Max(at, 0)..(int)splice.Offset));
            result.AddRange(splice.Inserted.Span);
            at = splice.Offset + splice.Removed.Length;
        }

        result.AddRange(file.AsSpan((int)Math.Max(at, 0)..));
        return [.. result];
    }

    /// <summary>The splices that take these back.</summary>
    public static IReadOnlyList<Splice> Reversed(IReadOnlyList<Splice> splices)
    {
        var (back, shift) = (new List<Splice>(), 0L);
        foreach (var splice in splices)
        {
            back.Add(new(splice.Offset + shift, splice.Inserted, splice.Removed));
            shift += splice.Inserted.Length - splice.Removed.Length;
        }

        return back;
    }

    public static byte[] ContentIdOf(byte[] file) => ContentId.Of(new MemoryStream(file, writable: false), TestContext.Current.CancellationToken);

    public static EmbeddedMetadata Read(byte[] file) => EmbeddedMetadata.Read(new MemoryStream(file, writable: false));
}
