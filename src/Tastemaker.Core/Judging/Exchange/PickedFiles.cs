using System.Globalization;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Imaging.Metadata;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;

namespace Tastemaker.Core.Judging.Exchange;

/// <summary>Reads judgements that are made by where files lie, and by what stands beside or inside them.</summary>
internal static class PickedFiles
{
    /// <summary>Links are not followed: they may lead in a circle.</summary>
    private static readonly EnumerationOptions Listing = new()
    {
        IgnoreInaccessible = true,
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.Hidden | FileAttributes.System | FileAttributes.ReparsePoint,
    };

    /// <summary>What a folder is: named scores, sidecars, or favourites.</summary>
    public static ExchangeFormat Recognise(string folder)
    {
        if (ScoreFolders(folder).Any())
        {
            return ExchangeFormat.Folders;
        }

        return Directory.EnumerateFiles(folder, "*.xmp", Listing).Any() ? ExchangeFormat.Xmp : ExchangeFormat.Favourites;
    }

    public static Statements Folders(string folder, CancellationToken cancel)
    {
        var named = ScoreFolders(folder).ToList();
        if (named.Count == 0)
        {
            throw new JudgingException("it has no folder that is named by a score, such as '4' or '7.5'.");
        }

        var isWhole = named.All(n => n.Score == Math.Floor(n.Score) && n.Score >= 1);
        var scale = (isWhole, named.Max(n => n.Score)) switch
        {
            (true, <= 5) => "1-5",
            (true, <= 10) => "1-10",
            _ => "score",
        };
        var found = named.Select(n => (n.Score, Files: Images(n.Path, cancel))).ToList();
        return new([.. found.SelectMany(f => f.Files.Done.Select(file => Statement.Rating(new(file.Path), f.Score, scale)))])
        {
            Failures = [.. found.SelectMany(f => f.Files.Failures)],
        };
    }

    public static Statements Favourites(string folder, CancellationToken cancel)
    {
        var found = Images(folder, cancel);
        return new([.. found.Done.Select(file => new Statement(JudgementKind.Keep, new(file.Path)))]) { Failures = found.Failures };
    }

    /// <summary>A name a line; blank lines do not count.</summary>
    public static Statements Names(string text) =>
        new([.. text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0).Distinct(StringComparer.Ordinal)
            .Select(line => new Statement(JudgementKind.Keep, new(line)))]);

    /// <summary>Stars and labels of one sidecar or image, or of all in a folder; a sidecar's count before those inside its image.</summary>
    /// <param name="labels">Whether an image with that label is kept; other labels say nothing.</param>
    public static Statements Xmp(string path, IReadOnlyDictionary<string, bool> labels, CancellationToken cancel)
    {
        var (said, failures) = (new OrderedDictionary<string, (int? Stars, bool? IsKept)>(StringComparer.Ordinal), new List<Failure>());
        foreach (var sidecar in Sidecars(path))
        {
            cancel.ThrowIfCancellationRequested();
            Look(sidecar, path => XmpSidecar.Read(path) is var xmp ? (xmp.Rating, xmp.Label) : default, () => ImageOf(sidecar));
        }

        var images = IsSidecar(path) && File.Exists(path) ? [] : Images(path, cancel).Done;
        foreach (var image in images.Where(image => !said.ContainsKey(image.Path)))
        {
            cancel.ThrowIfCancellationRequested();
            Look(image.Path, path => EmbeddedMetadata.Read(path) is var metadata ? (metadata.Rating(), metadata.Label()) : default, () => image.Path);
        }

        return new([.. said.SelectMany(Stated)], said.Values.Count(s => s is (0, null))) { Failures = failures };

        void Look(string file, Func<string, (int? Stars, string? Label)> read, Func<string> image)
        {
            try
            {
                var (stars, label) = read(file);
                bool? isKept = label is not null && labels.TryGetValue(label, out var kept) ? kept : null;
                if (stars is not null || isKept is not null)
                {
                    said[image()] = (stars, isKept);
                }
            }
            catch (Exception e) when (e is JudgingException or ImageException or IOException or UnauthorizedAccessException)
            {
                failures.Add(new(file, e.Message));
            }
        }
    }

    /// <summary>The images of a folder, at any depth, or the one file.</summary>
    internal static BatchResult<FoundFile> Images(string path, CancellationToken cancel) => FolderScan.Run([path], TextReader.Null, cancel: cancel);

    private static IEnumerable<Statement> Stated(KeyValuePair<string, (int? Stars, bool? IsKept)> said)
    {
        var (image, (stars, isKept)) = (new ImageName(said.Key), said.Value);
        if (stars > 0)
        {
            yield return Statement.Rating(image, stars.Value, "1-5");
        }

        if (isKept is not null || stars < 0)
        {
            yield return new(isKept ?? false ? JudgementKind.Keep : JudgementKind.Reject, image);
        }
    }

    private static IEnumerable<string> Sidecars(string path)
    {
        if (Directory.Exists(path))
        {
            return Directory.EnumerateFiles(path, "*.xmp", Listing).Order(StringComparer.Ordinal);
        }

        return IsSidecar(path) ? [path] : [];
    }

    private static bool IsSidecar(string path) => path.EndsWith(".xmp", StringComparison.OrdinalIgnoreCase);

    /// <summary><c>image.png.xmp</c> belongs to <c>image.png</c>; <c>image.xmp</c> to the only image of that name.</summary>
    private static string ImageOf(string sidecar)
    {
        var image = sidecar[..^".xmp".Length];
        if (File.Exists(image))
        {
            return image;
        }

        var candidates = FolderScan.Extensions.SelectMany(e => new[] { $"{image}.{e}", $"{image}.{e.ToUpperInvariant()}" }).Where(File.Exists).ToList();
        return candidates switch
        {
            [var only] => only,
            [] => throw new JudgingException("has no image of its name beside it."),
            _ => throw new JudgingException($"could belong to {string.Join(" or ", candidates.Select(c => $"'{Path.GetFileName(c)}'"))}. Name it after one, as 'NAME.EXT.xmp'."),
        };
    }

    private static IEnumerable<(string Path, double Score)> ScoreFolders(string folder) => Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal)
        .Select(path => (path, IsScore: double.TryParse(Path.GetFileName(path), NumberStyles.Float, CultureInfo.InvariantCulture, out var score) && double.IsFinite(score), score))
        .Where(f => f.IsScore).Select(f => (f.path, f.score));
}
