using Tastemaker.Core.Platform;
using Tastemaker.Core.Taste.Preference;

namespace Tastemaker.Core.Curation;

/// <summary>
/// Groups of images whose features point the same way: every two images with a cosine of at least a threshold are in one group
/// (single link). The groups are exactly those that comparing every pair would give; <see cref="Shadows"/> is why few are compared.
/// </summary>
internal static class NearDuplicates
{
    /// <summary>What rounding to float32 may take from a cosine, so that equal vectors reach a threshold of 1.</summary>
    internal const double Rounding = 1e-6;

    /// <summary>The groups of two and more, each in rising order, by their first members.</summary>
    /// <param name="threshold">Least cosine, above 0 and at most 1.</param>
    public static IReadOnlyList<IReadOnlyList<int>> Of(UnitVectors vectors, double threshold, IProgress<Progress>? progress, CancellationToken cancel)
    {
        var groups = new LinkedGroups(vectors.Count);
        if (vectors.Count > 1)
        {
            var shadows = Shadows.Of(vectors, threshold, cancel);
            var done = 0;
            var options = new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = Environment.ProcessorCount };
            Parallel.For(0, shadows.Blocks, options, () => new Comparer(vectors, shadows, threshold, groups), (block, _, comparer) =>
            {
                for (var other = block; other < shadows.Blocks; other++)
                {
                    cancel.ThrowIfCancellationRequested();
                    comparer.Compare(block, other);
                }

                progress?.Report(new("comparing", Interlocked.Increment(ref done), shadows.Blocks));
                return comparer;
            }, _ => { });
        }

        return groups.Groups();
    }

    /// <summary>Of two vectors of length 1, summed in doubles: the same whichever comes first.</summary>
    internal static double Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += (double)a[i] * b[i];
        }

        return sum;
    }

    /// <summary>One thread's way through pairs of blocks.</summary>
    private sealed class Comparer(UnitVectors vectors, Shadows shadows, double threshold, LinkedGroups groups)
    {
        private readonly List<(int First, int Second)> _candidates = [];
        private readonly float[] _first = new float[vectors.Padded];
        private readonly float[] _second = new float[vectors.Padded];

        public void Compare(int block, int other)
        {
            if (shadows.AreApart(block, other) || AreOneGroup(block, other))
            {
                return;
            }

            _candidates.Clear();
            shadows.FindCandidates(block, other, _candidates);
            var read = -1;
            foreach (var (a, b) in _candidates)
            {
                var (first, second) = (shadows.Vector(a), shadows.Vector(b));
                if (groups.AreLinked(first, second) || !shadows.MayBeNear(a, b))
                {
                    continue;
                }

                if (read != first)
                {
                    vectors.Read(first, _first);
                    read = first;
                }

                vectors.Read(second, _second);
                if (Cosine(_first, _second) >= threshold - Rounding)
                {
                    groups.Link(first, second);
                }
            }
        }

        // Of thousands of pictures of one scene most pairs say nothing new.
        private bool AreOneGroup(int block, int other)
        {
            var root = groups.RootOf(shadows.Vector(shadows.Start(block)));
            return IsAllOf(block) && IsAllOf(other);

            bool IsAllOf(int which)
            {
                for (var row = shadows.Start(which); row < shadows.Start(which + 1); row++)
                {
                    if (groups.RootOf(shadows.Vector(row)) != root)
                    {
                        return false;
                    }
                }

                return true;
            }
        }
    }
}
