using System.Globalization;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Imaging.Generation;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;
using Tastemaker.Core.Taste.Preference;

namespace Tastemaker.Core.Curation;

/// <summary>Which files compete with each other.</summary>
public enum Competition
{
    All,
    Folder,

    /// <summary>Files of one experiment: see <see cref="Experiments"/>.</summary>
    Experiment,

    /// <summary>Files made from the same prompt, as their metadata say.</summary>
    Prompt,

    /// <summary>Files made from the same seed.</summary>
    Seed,

    /// <summary>Pictures that are nearly the same, as <see cref="Duplicates"/> finds them.</summary>
    Near,
}

/// <summary>The best files of every group.</summary>
public static class Keeping
{
    /// <param name="best">Different pictures to keep in each group; copies of one count once and are kept together.</param>
    /// <param name="threshold">Least cosine of pictures that are nearly the same.</param>
    public static KeepingResult Of(
        Competition competition, IReadOnlyList<CuratedFile> files, int best, VectorStore vectors, double threshold, IProgress<Progress>? progress, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(best);
        var failures = new Failure?[files.Count];
        var names = competition switch
        {
            Competition.Near => Near(files, vectors, threshold, progress, cancel),
            Competition.Folder => [.. files.Select(f => Path.GetDirectoryName(f.Path))],
            Competition.Experiment => [.. files.Select(f => Experiments.Of(f.Path))],
            Competition.Prompt => Written(files, info => info.Prompt.Trim() is { Length: > 0 } prompt ? prompt : null, failures, progress, cancel),
            Competition.Seed => Written(files, info => info.Seed?.ToString(CultureInfo.InvariantCulture), failures, progress, cancel),
            _ => [.. files.Select(_ => "all")],
        };
        var groups = files.Zip(names).Where(pair => pair.Second is not null).GroupBy(pair => pair.Second!, pair => pair.First, StringComparer.Ordinal);
        return new(
            [.. groups.Select(group => Group(group.Key, group, best)).OrderBy(g => g.Name, StringComparer.Ordinal)],
            [.. files.Where((_, i) => names[i] is null && failures[i] is null)],
            [.. failures.OfType<Failure>()]);
    }

    private static KeptGroup Group(string name, IEnumerable<CuratedFile> files, int best)
    {
        var pictures = files.GroupBy(f => f.ImageId).Select(copies => CuratedFile.Largest(copies).ToList())
            .OrderByDescending(copies => copies[0].Score).ThenByDescending(copies => copies[0].Pixels).ThenBy(copies => copies[0].Path, StringComparer.Ordinal).ToList();
        return new(name, [.. pictures.Take(best).SelectMany(copies => copies)], [.. pictures.Skip(best).SelectMany(copies => copies)]);
    }

    /// <summary>A group is named by its first file; a picture that is like no other is a group too.</summary>
    private static string?[] Near(IReadOnlyList<CuratedFile> files, VectorStore vectors, double threshold, IProgress<Progress>? progress, CancellationToken cancel)
    {
        using var rows = vectors.Rows();
        var images = files.Select(f => f.ImageId).ToHashSet();
        var wanted = UnitVectors.Of(rows).Only([.. Enumerable.Range(0, rows.Count).Where(row => images.Contains(rows.ImageId(row)))]);
        var first = images.ToDictionary(image => image);
        foreach (var group in NearDuplicates.Of(wanted, threshold, progress, cancel))
        {
            foreach (var member in group)
            {
                first[wanted.Image(member)] = wanted.Image(group[0]);
            }
        }

        var name = files.GroupBy(f => first[f.ImageId]).ToDictionary(group => group.Key, group => group.Select(f => f.Path).Min(StringComparer.Ordinal)!);
        return [.. files.Select(f => name[first[f.ImageId]])];
    }

    private static string?[] Written(
        IReadOnlyList<CuratedFile> files, Func<GenerationInfo, string?> field, Failure?[] failures, IProgress<Progress>? progress, CancellationToken cancel)
    {
        var names = new string?[files.Count];
        var done = 0;
        var options = new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, files.Count, options, i =>
        {
            try
            {
                names[i] = GenerationInfo.Of(files[i].Path) is { } info ? field(info) : null;
            }
            catch (Exception e) when (e is ImageException or IOException or UnauthorizedAccessException)
            {
                failures[i] = new(files[i].Path, e.Message);
            }

            progress?.Report(new("reading metadata", Interlocked.Increment(ref done), files.Count));
        });
        return names;
    }
}

/// <param name="Groups">By name.</param>
/// <param name="Ungrouped">Files that name no prompt or seed, or belong to no experiment; they compete with none.</param>
/// <param name="Failures">Files whose metadata cannot be read.</param>
public sealed record KeepingResult(IReadOnlyList<KeptGroup> Groups, IReadOnlyList<CuratedFile> Ungrouped, IReadOnlyList<Failure> Failures);

/// <param name="Name">The prompt, seed, folder or experiment; of pictures that are nearly the same, the path of the first.</param>
/// <param name="Kept">Best first.</param>
/// <param name="Rest">Best first.</param>
public sealed record KeptGroup(string Name, IReadOnlyList<CuratedFile> Kept, IReadOnlyList<CuratedFile> Rest);
