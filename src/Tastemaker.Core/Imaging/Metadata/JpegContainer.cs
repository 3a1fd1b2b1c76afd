using System.Buffers.Binary;

namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>
/// The segments of a JPEG that hold metadata: APP1 with EXIF (CIPA DC-008, 4.7.2) or XMP (part 3 of its specification, 1.1.3),
/// and COM. Segments that are put in anew follow JFIF's APP0, EXIF before XMP; an index of further pictures behind this one follows
/// what becomes longer.
/// </summary>
internal sealed class JpegContainer : EditableContainer
{
    private const int App0 = 0xE0, App1 = 0xE1, App2 = 0xE2, Comment = 0xFE, StartOfScan = 0xDA, EndOfImage = 0xD9;
    private const int HeadBytes = 4;
    private const int MostPayload = ushort.MaxValue - 2;
    private const int MostGarbage = 1 << 16;

    private static readonly byte[] XmpPrefix = [.. "http://ns.adobe.com/xap/1.0/\0"u8];

    private readonly MetadataFile _file;
    private readonly List<TextEntry> _comments = [];
    private readonly SpliceList _splices = new();
    private readonly Segment? _exif;
    private readonly Segment? _xmp;
    private readonly Segment? _pictures;
    private readonly long _metadataAt = 2;

    public JpegContainer(MetadataFile file)
    {
        _file = file;
        var extension = new ExtendedXmp();
        foreach (var segment in Segments(file))
        {
            if (segment.Marker == App0 && segment.Offset == _metadataAt)
            {
                _metadataAt = segment.End;
            }
            else if (segment.Marker == Comment)
            {
                _comments.Add(new("comment", LooseText.Decode(Payload(segment).AsSpan().TrimEnd((byte)0))));
            }
            else if (segment.Marker == App1)
            {
                if (_exif is null && Begins(segment, ExifTags.Prefix))
                {
                    _exif = segment;
                    Exif = file.Block(Payload(segment)[ExifTags.Prefix.Length..]);
                }
                else if (_xmp is null && Begins(segment, XmpPrefix))
                {
                    _xmp = segment;
                    Xmp = Payload(segment)[XmpPrefix.Length..];
                }
                else if (Begins(segment, Metadata.ExtendedXmp.Prefix))
                {
                    extension.Add(segment.Length, () => Payload(segment));
                }
            }
            else if (segment.Marker == App2 && _pictures is null && Begins(segment, PictureIndex.Prefix))
            {
                _pictures = segment;
            }
        }

        HasExtendedXmp = !extension.IsEmpty;
        ExtendedXmp = Xmp is null ? null : extension.Of(Xmp);
    }

    public override IReadOnlyList<TextEntry> Texts() => _comments;

    public override void PutExif(byte[] block) => Put(_exif, _metadataAt, ExifTags.Prefix, block, "EXIF");

    public override void PutXmp(byte[] packet) => Put(_xmp, _exif?.End ?? _metadataAt, XmpPrefix, packet, "XMP");

    public override IReadOnlyList<Splice> Splices()
    {
        if (_pictures is { } index)
        {
            PictureIndex.Follow(_file, index.PayloadAt, Payload(index), _splices);
        }

        return _splices.Ordered();
    }

    /// <summary>All segments before the first scan.</summary>
    private static IEnumerable<Segment> Segments(MetadataFile file)
    {
        var head = new byte[HeadBytes];
        for (var at = 2L; ;)
        {
            at = MarkerAt(file, at);
            var marker = file.Byte(at + 1);
            if (marker is StartOfScan or EndOfImage)
            {
                yield break;
            }

            // Markers without a segment.
            if (marker is <= 0x01 or (>= 0xD0 and <= 0xD8))
            {
                at += 2;
                continue;
            }

            file.Read(at, head);
            var segment = new Segment(marker, at, BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(2)));
            if (segment.Length < 2)
            {
                throw file.Damaged($"segment FF{marker:X2} states {segment.Length} bytes");
            }

            if (!file.Has(at, segment.End - at))
            {
                throw file.EndsEarly();
            }

            yield return segment;
            at = segment.End;
        }
    }

    /// <summary>The FF before the next marker. Fill bytes are passed over, and garbage, as libjpeg does.</summary>
    private static long MarkerAt(MetadataFile file, long from)
    {
        for (var at = from; at < from + MostGarbage; at++)
        {
            if (file.Byte(at) == 0xFF && file.Byte(at + 1) is not (0 or 0xFF))
            {
                return at;
            }
        }

        throw file.Damaged($"{MostGarbage} bytes without a marker");
    }

    private bool Begins(Segment segment, byte[] prefix)
    {
        if (segment.Length - 2 < prefix.Length)
        {
            return false;
        }

        Span<byte> start = stackalloc byte[64];
        start = start[..prefix.Length];
        _file.Read(segment.PayloadAt, start);
        return start.SequenceEqual(prefix);
    }

    private byte[] Payload(Segment segment) => _file.Take(segment.PayloadAt, segment.Length - 2);

    private void Put(Segment? old, long at, byte[] prefix, byte[] block, string what)
    {
        var payload = prefix.Length + block.Length;
        if (payload > MostPayload)
        {
            throw _file.Unwritable($"would need {payload} bytes of {what} in one segment; a JPEG has place for {MostPayload}. Write a sidecar instead.");
        }

        byte[] segment = [0xFF, App1, 0, 0, .. prefix, .. block];
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), (ushort)(payload + 2));
        if (old is { } there)
        {
            _splices.Replace(there.Offset, _file.Take(there.Offset, there.End - there.Offset), segment);
        }
        else
        {
            _splices.Insert(at, segment);
        }
    }

    /// <param name="Length">As the segment states it: its own two bytes and the payload.</param>
    private readonly record struct Segment(int Marker, long Offset, int Length)
    {
        public long PayloadAt => Offset + HeadBytes;

        public long End => Offset + 2 + Length;
    }
}
