using Tastemaker.Core.Imaging;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;

namespace Tastemaker.Core.Judging.Exchange;

/// <summary>Into which taste judgements come, and how their file is read.</summary>
public sealed record ImportRequest(string Taste, string Rater)
{
    /// <summary>What the file is; null to see by its content.</summary>
    public ExchangeFormat? Format { get; init; }

    /// <summary>A second folder from which paths are looked up, after the file's own.</summary>
    public string? Root { get; init; }

    /// <summary>Of kept images, the folder that they were picked from: every other image in it was rejected.</summary>
    public string? Pool { get; init; }

    /// <summary>Of XMP: whether an image with that label is kept or rejected; other labels say nothing.</summary>
    public IReadOnlyDictionary<string, bool> Labels { get; init; } = new Dictionary<string, bool>();

    /// <summary>Whether judgements that the log has already come once more.</summary>
    public bool Again { get; init; }
}

/// <summary>What an import brought.</summary>
/// <param name="Known">Judgements that the log had already, and did not get again.</param>
/// <param name="Unscored">Images that the file names without a judgement.</param>
/// <param name="DropsComparisons">Whether the file counted comparisons, which a log of single judgements cannot take in.</param>
/// <param name="Failures">What was passed over.</param>
public sealed record ImportResult(ExchangeFormat Format, int Added, int Known, int Unscored, bool DropsComparisons, IReadOnlyList<Failure> Failures);

/// <summary>
/// Takes judgements of other programs into the log. Images that cannot be found are named and passed over; a file that cannot be read
/// brings nothing. What comes from one file, but a log, is one act.
/// </summary>
public sealed class JudgementImport(JudgementLog log, ImageLibrary library)
{
    /// <summary>Where the trainers keep the scores of a folder's images.</summary>
    private static readonly string[] ScoresOfFolder = ["score.json", "scores.csv"];

    /// <exception cref="JudgingException">The file is none of judgements, or not as its format has it; the message names it.</exception>
    public ImportResult Run(string path, ImportRequest request, IProgress<Progress>? progress, CancellationToken cancel) =>
        Named(path, request, full => Take(full, request, progress, cancel));

    /// <summary>The same judgements without a trace in the log; their images enter the studio. They have numbers of their own, from 1.</summary>
    /// <exception cref="JudgingException">The file is none of judgements, or not as its format has it; the message names it.</exception>
    public BatchResult<Judgement> Read(string path, ImportRequest request, IProgress<Progress>? progress, CancellationToken cancel) => Named(path, request, full =>
    {
        var content = Open(full, request, progress, cancel);
        var judgements = new List<Judgement>();
        foreach (var (number, act) in content.Acts.Index())
        {
            TasteName.Demand(act.Origin.Rater, "rater");
            foreach (var verdict in act.Verdicts)
            {
                JudgementLog.Demand(verdict);
                judgements.Add(new(judgements.Count + 1, number + 1, verdict, act.Origin, act.At ?? ""));
            }
        }

        return new BatchResult<Judgement>(judgements, content.Failures);
    });

    private static T Named<T>(string path, ImportRequest request, Func<string, T> read)
    {
        var full = Path.GetFullPath(path);
        TasteName.Demand(request.Taste);
        TasteName.Demand(request.Rater, "rater");
        try
        {
            return read(full);
        }
        catch (JudgingException e) when (!e.Message.Contains(full, StringComparison.Ordinal))
        {
            throw new JudgingException($"'{full}': {e.Message}");
        }
    }

    private ImportResult Take(string path, ImportRequest request, IProgress<Progress>? progress, CancellationToken cancel)
    {
        var content = Open(path, request, progress, cancel);
        var (added, known) = (0, 0);
        log.Append(request.Taste, standing =>
        {
            var fresh = request.Again ? content.Acts : Fresh(content.Acts, standing);
            added = fresh.Sum(a => a.Verdicts.Count);
            known = content.Acts.Sum(a => a.Verdicts.Count) - added;
            return fresh;
        });
        var statements = content.Statements;
        return new(content.Format, added, known, statements.Unscored, statements.HasComparisons && statements.All.Count > 0, content.Failures);
    }

    private Content Open(string path, ImportRequest request, IProgress<Progress>? progress, CancellationToken cancel)
    {
        var (format, statements) = Parse(path, request, cancel);
        var folder = Directory.Exists(path) ? path : Path.GetDirectoryName(path)!;
        var finder = new ImageFinder(library, [folder, .. new[] { request.Root, request.Pool }.OfType<string>().Select(Path.GetFullPath).Where(f => f != folder)], progress);
        finder.Find(statements.All.SelectMany(s => new[] { s.Image, s.Other }).OfType<ImageName>(), format == ExchangeFormat.Names, cancel);

        var failures = new List<Failure>([.. statements.Failures, .. finder.Failures]);
        var acts = Acts(statements.All, format, request, finder, failures);
        if (request.Pool is { } pool)
        {
            acts = [new([.. acts.SelectMany(a => a.Verdicts), .. Rejects(pool, format, acts, failures, progress, cancel)], new(request.Rater, format.Name()))];
        }

        return new(format, statements, acts, failures);
    }

    private static (ExchangeFormat Format, Statements Statements) Parse(string path, ImportRequest request, CancellationToken cancel)
    {
        var wanted = request.Format;
        if (Directory.Exists(path) && wanted is not (ExchangeFormat.Folders or ExchangeFormat.Favourites or ExchangeFormat.Xmp))
        {
            var folder = path;
            var kept = ScoresOfFolder.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
            if (kept is null && wanted is not null)
            {
                throw new JudgingException($"'{path}' is a folder; '{wanted.Value.Name()}' is a file. Name the file.");
            }

            path = kept ?? path;
        }

        return Directory.Exists(path) ? OfFolder(path, request, cancel) : OfFile(path, request, cancel);
    }

    private static (ExchangeFormat, Statements) OfFolder(string path, ImportRequest request, CancellationToken cancel)
    {
        var format = request.Format ?? PickedFiles.Recognise(path);
        return (format, format switch
        {
            ExchangeFormat.Folders => PickedFiles.Folders(path, cancel),
            ExchangeFormat.Xmp => PickedFiles.Xmp(path, request.Labels, cancel),
            _ => PickedFiles.Favourites(path, cancel),
        });
    }

    private static (ExchangeFormat, Statements) OfFile(string path, ImportRequest request, CancellationToken cancel)
    {
        var wanted = request.Format;
        if (wanted is ExchangeFormat.Folders or ExchangeFormat.Favourites)
        {
            throw new JudgingException($"'{path}' is no folder; '{wanted.Value.Name()}' is one. Name the folder.");
        }

        if (wanted == ExchangeFormat.Xmp || (wanted is null && (path.EndsWith(".xmp", StringComparison.OrdinalIgnoreCase) || IsImage(path))))
        {
            return FoundFile.At(path) is { Size: > 0 }
                ? (ExchangeFormat.Xmp, PickedFiles.Xmp(path, request.Labels, cancel))
                : throw new JudgingException($"'{path}' does not exist, or is empty.");
        }

        var text = Text.Read(path);
        var format = wanted ?? Recognise(text);
        return (format, format switch
        {
            ExchangeFormat.ScoreJson => ScoreFiles.ScoreJson(text),
            ExchangeFormat.ImageRecords => ScoreFiles.ImageRecords(text),
            ExchangeFormat.ScoresCsv => Tables.Scores(text),
            ExchangeFormat.AverageRating => Tables.AverageRatings(text),
            ExchangeFormat.Pairs => Tables.Pairs(text),
            ExchangeFormat.Log => LogLines.Read(text),
            _ => PickedFiles.Names(text),
        });
    }

    private static ExchangeFormat Recognise(string text)
    {
        if (text.AsSpan().TrimStart().StartsWith('{'))
        {
            return LogLines.IsFirst(text) ? ExchangeFormat.Log : ScoreFiles.Recognise(text);
        }

        return Tables.Recognise(text) ?? (text.Contains('\0', StringComparison.Ordinal)
            ? throw new JudgingException($"it is none of the files that judgements are read from: {string.Join(", ", ExchangeFormats.Names)}. '--format' says which it is.")
            : ExchangeFormat.Names);
    }

    private static bool IsImage(string path)
    {
        if (FoundFile.At(path) is not { Size: > 0 })
        {
            return false;
        }

        using var file = File.OpenRead(path);
        var head = new byte[ImageFormats.HeadBytes];
        return ImageFormats.Recognise(head.AsSpan(0, file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false))) is not null;
    }

    private static List<NewAct> Acts(IReadOnlyList<Statement> statements, ExchangeFormat format, ImportRequest request, ImageFinder finder, List<Failure> failures)
    {
        var (acts, current, last) = (new List<NewAct>(), new List<Verdict>(), default(Statement));
        foreach (var statement in statements)
        {
            if (finder[statement.Image] is not { } image || (statement.Other is { } name && finder[name] is null))
            {
                continue;
            }

            var other = statement.Other is { } o ? finder[o] : null;
            if (other == image)
            {
                failures.Add(new(Text.Shown(statement.Image.Shown), $"is the same picture as '{Text.Shown(statement.Other!.Shown)}', and cannot be compared with itself."));
                continue;
            }

            if (last is not null && (last.Logged?.Act, last.Logged?.Origin) != (statement.Logged?.Act, statement.Logged?.Origin))
            {
                Close();
            }

            last = statement;
            current.Add(new(statement.Kind, image, other, statement.Value, statement.Scale)
            {
                Purpose = statement.Logged?.Purpose ?? Purpose.Train,
                Expected = statement.Logged?.Expected,
            });
        }

        Close();
        return acts;

        void Close()
        {
            if (current.Count > 0)
            {
                acts.Add(new([.. current], last!.Logged?.Origin ?? new(request.Rater, format.Name()), last.Logged?.At));
                current.Clear();
            }
        }
    }

    private IEnumerable<Verdict> Rejects(
        string pool, ExchangeFormat format, List<NewAct> acts, List<Failure> failures, IProgress<Progress>? progress, CancellationToken cancel)
    {
        if (format is not (ExchangeFormat.Favourites or ExchangeFormat.Names))
        {
            throw new JudgingException($"a pool is what favourites were picked from, and '{format.Name()}' has none. Leave '--pool' out.");
        }

        var files = PickedFiles.Images(Path.GetFullPath(pool), cancel);
        var finder = new ImageFinder(library, [], progress);
        var named = files.Done.Select(file => (new ImageName(file.Path), file)).ToList();
        finder.Bring(named, cancel);
        failures.AddRange([.. files.Failures, .. finder.Failures]);
        var kept = acts.SelectMany(a => a.Verdicts).Select(v => v.Image).ToHashSet();
        return named.Select(n => finder[n.Item1]).OfType<long>().Distinct().Where(image => !kept.Contains(image)).Select(image => new Verdict(JudgementKind.Reject, image));
    }

    /// <summary>What of the acts the log does not have: of equal judgements as many as it has are taken for the same.</summary>
    private static List<NewAct> Fresh(List<NewAct> acts, IReadOnlyList<Judgement> standing)
    {
        var had = standing.CountBy(j => Key(j.Verdict, j.Origin)).ToDictionary();
        var fresh = new List<NewAct>();
        foreach (var act in acts)
        {
            var verdicts = act.Verdicts.Where(verdict =>
            {
                var key = Key(verdict, act.Origin);
                var isKnown = had.GetValueOrDefault(key) > 0;
                if (isKnown)
                {
                    had[key]--;
                }

                return !isKnown;
            }).ToList();
            if (verdicts.Count > 0)
            {
                fresh.Add(act with { Verdicts = verdicts });
            }
        }

        return fresh;
    }

    private static (JudgementKind, long, long?, double?, string?, Purpose, string, string) Key(Verdict v, Origin origin) =>
        (v.Kind, v.Image, v.Other, v.Value, v.Scale, v.Purpose, origin.Rater, origin.Source);

    /// <param name="Acts">What of the statements is on images that were found.</param>
    private sealed record Content(ExchangeFormat Format, Statements Statements, List<NewAct> Acts, List<Failure> Failures);
}
