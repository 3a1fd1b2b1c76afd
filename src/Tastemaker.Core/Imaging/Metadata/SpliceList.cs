namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>Gathers changes of a file, each as small as it can be.</summary>
internal sealed class SpliceList
{
    private readonly List<Planned> _planned = [];

    /// <summary>How many bytes longer the file becomes.</summary>
    public long Growth => _planned.Sum(p => (long)p.Splice.Inserted.Length - p.Splice.Removed.Length);

    /// <summary>The same of what lies from one place to another.</summary>
    public long GrowthBetween(long from, long to) =>
        _planned.Where(p => p.Splice.Offset >= from && p.Splice.Offset < to).Sum(p => (long)p.Splice.Inserted.Length - p.Splice.Removed.Length);

    public void Insert(long offset, byte[] bytes) => Replace(offset, [], bytes);

    /// <summary>What is the same at both ends stays; nothing changes where all is.</summary>
    public void Replace(long offset, byte[] old, byte[] changed)
    {
        var start = old.AsSpan().CommonPrefixLength(changed);
        var (oldEnd, changedEnd) = (old.Length, changed.Length);
        while (oldEnd > start && changedEnd > start && old[oldEnd - 1] == changed[changedEnd - 1])
        {
            (oldEnd, changedEnd) = (oldEnd - 1, changedEnd - 1);
        }

        if (oldEnd > start || changedEnd > start)
        {
            _planned.Add(new(new Splice(offset + start, old.AsMemory(start..oldEnd), changed.AsMemory(start..changedEnd)), offset, offset + old.Length));
        }
    }

    /// <summary>In rising order, no two of them touching.</summary>
    public IReadOnlyList<Splice> Ordered()
    {
        // Small as they are, two may begin at one place: then what came from further to the left comes first.
        var ordered = new List<Splice>();
        foreach (var splice in _planned.OrderBy(p => p.Splice.Offset).ThenBy(p => p.From).ThenBy(p => p.To).Select(p => p.Splice))
        {
            if (ordered.Count > 0 && ordered[^1] is var last && last.Offset + last.Removed.Length == splice.Offset)
            {
                ordered[^1] = new Splice(last.Offset, Joined(last.Removed, splice.Removed), Joined(last.Inserted, splice.Inserted));
            }
            else
            {
                ordered.Add(splice);
            }
        }

        return ordered;
    }

    private static byte[] Joined(ReadOnlyMemory<byte> a, ReadOnlyMemory<byte> b) => [.. a.Span, .. b.Span];

    /// <param name="From">Where the whole stretch began, of which the splice is the part that changes.</param>
    /// <param name="To">Where it ended.</param>
    private readonly record struct Planned(Splice Splice, long From, long To);
}
