namespace Tastemaker.Core.Curation;

/// <summary>Which of many things are linked, directly or through others. Any thread may ask and link at any time.</summary>
/// <remarks>
/// A forest in which the smaller tree goes under the larger one. A link only ever gives a root a parent, so whoever walks up meanwhile
/// ends at a root of the same tree, or of the larger one that it became part of.
/// </remarks>
internal sealed class LinkedGroups
{
    private readonly Lock _linking = new();
    private readonly int[] _parents;
    private readonly int[] _sizes;

    public LinkedGroups(int count)
    {
        _parents = [.. Enumerable.Range(0, count)];
        _sizes = new int[count];
        Array.Fill(_sizes, 1);
    }

    /// <summary>True only if they are; false may be outdated at once.</summary>
    public bool AreLinked(int a, int b) => RootOf(a) == RootOf(b);

    /// <summary>Those with one root are linked.</summary>
    public int RootOf(int item)
    {
        for (int parent; (parent = Volatile.Read(ref _parents[item])) != item; item = parent)
        {
        }

        return item;
    }

    public void Link(int a, int b)
    {
        lock (_linking)
        {
            var (larger, smaller) = (RootOf(a), RootOf(b));
            if (larger == smaller)
            {
                return;
            }

            if (_sizes[larger] < _sizes[smaller])
            {
                (larger, smaller) = (smaller, larger);
            }

            _sizes[larger] += _sizes[smaller];
            Volatile.Write(ref _parents[smaller], larger);
        }
    }

    /// <summary>The groups of two and more, each in rising order, by their first members.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Groups() =>
        [.. Enumerable.Range(0, _parents.Length).GroupBy(RootOf).Where(group => group.Skip(1).Any()).Select(group => group.ToArray())];
}
