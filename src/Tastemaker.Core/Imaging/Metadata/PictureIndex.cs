using System.Buffers.Binary;

namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>
/// The index of pictures that stand behind a JPEG's first one, such as the map of an HDR photo's gains or a camera's preview
/// (CIPA DC-007, 5.2): the length of each, and its distance from the index, which change with what is put between them.
/// </summary>
internal static class PictureIndex
{
    private const int EntriesTag = 0xB002, EntryBytes = 16, LengthAt = 4, DistanceAt = 8;

    public static byte[] Prefix { get; } = [.. "MPF\0"u8];

    /// <summary>Plans the changes of the index that follow from those of the first picture.</summary>
    /// <param name="at">Where the segment's payload begins in the file.</param>
    /// <exception cref="ImageException">A number would not fit.</exception>
    public static void Follow(MetadataFile file, long at, byte[] payload, SpliceList splices)
    {
        if (splices.Growth == 0)
        {
            return;
        }

        // Distances count from the TIFF header behind the prefix.
        var start = at + Prefix.Length;
        if (TiffBlock.Open(file.Block(payload[Prefix.Length..])) is not { } tiff || tiff.Directory(tiff.First)?.Find(EntriesTag) is not { } entries || tiff.Value(entries) is not { } old)
        {
            return;
        }

        var changed = old.ToArray();
        for (var entry = 0; entry + EntryBytes <= changed.Length; entry += EntryBytes)
        {
            var distance = changed.AsSpan(entry + DistanceAt, 4);
            var place = TiffBlock.Read32(distance, tiff.IsLittle);
            if (place == 0)
            {
                Add(changed.AsSpan(entry + LengthAt, 4), splices.Growth);
            }
            else
            {
                Add(distance, splices.GrowthBetween(start, start + place));
            }
        }

        splices.Replace(start + TiffBlock.PlaceOf(entries), old, changed);

        void Add(Span<byte> number, long growth)
        {
            var sum = TiffBlock.Read32(number, tiff.IsLittle) + growth;
            if (sum is < 0 or > uint.MaxValue)
            {
                throw file.Unwritable("has an index of further pictures that could not follow the change. Write a sidecar instead.");
            }

            if (tiff.IsLittle)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(number, (uint)sum);
            }
            else
            {
                BinaryPrimitives.WriteUInt32BigEndian(number, (uint)sum);
            }
        }
    }
}
