using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;
using Tastemaker.Core.Platform.Tables;

namespace Tastemaker.Core.Judging.Exchange;

/// <summary>Writes the judgements that stand for other programs. Paths are written from the file's folder on, with <c>/</c>.</summary>
public sealed class JudgementExport(JudgementLog log, ImageLibrary library)
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a file that must not exist yet.</summary>
    /// <returns>What was written, a line or an image each; and images whose file is gone, by content id.</returns>
    /// <exception cref="JudgingException">The format cannot be written, or the taste has nothing for it.</exception>
    /// <exception cref="IOException">The file exists, or cannot be written.</exception>
    public BatchResult<string> Run(string taste, string path, ExchangeFormat format)
    {
        if (!ExchangeFormats.IsWritten(format))
        {
            throw new JudgingException($"'{format.Name()}' is read only. {string.Join(", ", ExchangeFormats.Written)} can be written.");
        }

        var standing = log.Standing(TasteName.Demand(taste));
        if (standing.Count == 0)
        {
            throw new JudgingException($"the taste '{taste}' has no judgements to export.");
        }

        var names = new Names(library, standing, Path.GetDirectoryName(Path.GetFullPath(path))!);
        if (TableOf(format, standing, names) is { } table)
        {
            List<object[]> rows = [.. table.Rows];
            AtomicFile.CreateAt(path, aside => TableFile.Write(aside, TableFormats.ByName(path), table.Columns, rows));
            return new([.. rows.Select(row => (string)row[0])], names.Missing);
        }

        if (TableFormats.ByName(path) == TableFormat.Parquet)
        {
            throw new JudgingException($"'{format.Name()}' is no table, which Parquet files hold. scores.csv, average-rating and pairs are.");
        }

        var lines = new List<string>();
        AtomicFile.Create(path, stream => lines = format switch
        {
            ExchangeFormat.ScoreJson => ScoreJson(stream, Scores(standing, names), standing),
            ExchangeFormat.ImageRecords => ImageRecords(stream, Scores(standing, names)),
            _ => Lines(stream, standing.Select(j => LogLines.Write(j, names.Of))),
        });
        return new(lines, names.Missing);
    }

    /// <summary>Means of all ratings on scales with two ends, brought to 1 to 10; in no order.</summary>
    /// <exception cref="JudgingException">There are none.</exception>
    internal static IReadOnlyList<(long Image, double Mean)> Averages(IReadOnlyList<Judgement> standing)
    {
        List<(long, double)> averages = [.. standing.Select(j => (j.Verdict.Image, Value: ToTen(j.Verdict))).Where(r => r.Value is not null)
            .GroupBy(r => r.Image, r => r.Value!.Value).Select(r => (r.Key, r.Average()))];
        return averages.Count > 0 ? averages
            : throw new JudgingException("there are no ratings on a scale with two ends, such as 1-5, to average. 'pairs' or 'score.json' can be written from choices.");
    }

    private static (TableColumn[] Columns, IEnumerable<object[]> Rows)? TableOf(ExchangeFormat format, IReadOnlyList<Judgement> standing, Names names) => format switch
    {
        ExchangeFormat.ScoresCsv => (
            [new("relative_path", TableType.Text), new("comparisons", TableType.Integer), new("score", TableType.Real)],
            Scores(standing, names).Select(s => new object[] { s.Path, s.Comparisons, s.Score })),
        ExchangeFormat.AverageRating => (
            [new("IMAGEPATH", TableType.Text), new("AVERAGE_RATING", TableType.Real)],
            Averages(standing).Select(r => (Path: names.PathOf(r.Image), r.Mean)).Where(r => r.Path is not null)
                .OrderByDescending(r => r.Mean).ThenBy(r => r.Path, StringComparer.Ordinal).Select(r => new object[] { r.Path!, r.Mean })),
        ExchangeFormat.Pairs => ([new("winner", TableType.Text), new("loser", TableType.Text), new("draw", TableType.Integer)], Pairs(standing, names)),
        _ => null,
    };

    /// <summary>Best first.</summary>
    private static List<(string Path, double Score, int Comparisons)> Scores(IReadOnlyList<Judgement> standing, Names names)
    {
        var elo = EloReplay.Of(standing).Elo;
        return [.. elo.Images.Select(image => (Path: names.PathOf(image), Score: elo.Score(image), Comparisons: elo.Comparisons(image)))
            .Where(s => s.Path is not null).Select(s => (s.Path!, s.Score, s.Comparisons))
            .OrderByDescending(s => s.Score).ThenBy(s => s.Item1, StringComparer.Ordinal)];
    }

    private static double? ToTen(Verdict verdict)
    {
        if (verdict is not { Kind: JudgementKind.Rating, Value: { } value } || verdict.Scale?.Split('-') is not [var low, var high]
            || !double.TryParse(low, CultureInfo.InvariantCulture, out var from) || !double.TryParse(high, CultureInfo.InvariantCulture, out var to) || from >= to)
        {
            return null;
        }

        return 1 + (9 * (value - from) / (to - from));
    }

    private static IEnumerable<object[]> Pairs(IReadOnlyList<Judgement> standing, Names names) => standing.Select(j => j.Verdict)
        .Where(v => v is { Kind: JudgementKind.Choice or JudgementKind.Draw, Other: not null })
        .Select(v => (v.Kind, Image: names.PathOf(v.Image), Other: names.PathOf(v.Other!.Value)))
        .Where(p => p.Image is not null && p.Other is not null)
        .Select(p => new object[] { p.Image!, p.Other!, p.Kind == JudgementKind.Draw ? 1 : 0 });

    private static List<string> Lines(Stream stream, IEnumerable<string> lines)
    {
        var written = lines.ToList();
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        foreach (var line in written)
        {
            writer.WriteLine(line);
        }

        return written;
    }

    private static List<string> ScoreJson(Stream stream, List<(string Path, double Score, int Comparisons)> scores, IReadOnlyList<Judgement> standing)
    {
        using var json = new Utf8JsonWriter(stream, Indented);
        json.WriteStartObject();
        foreach (var (path, score, comparisons) in scores)
        {
            json.WriteStartArray(path);
            json.WriteNumberValue(score);
            json.WriteNumberValue(comparisons);
            json.WriteEndArray();
        }

        json.WriteStartObject(ScoreFiles.Meta);
        json.WriteNumber("evaluations", standing.Count(j => j.Verdict.Kind == JudgementKind.Choice));
        json.WriteNumber("model_evals", 0);
        json.WriteEndObject();
        json.WriteEndObject();
        return [.. scores.Select(s => s.Path)];
    }

    private static List<string> ImageRecords(Stream stream, List<(string Path, double Score, int Comparisons)> scores)
    {
        using var json = new Utf8JsonWriter(stream, Indented);
        json.WriteStartObject();
        json.WriteStartObject("ImageRecords");
        foreach (var (path, score, comparisons) in scores)
        {
            json.WriteStartObject(path);
            json.WriteString("relative_path", path);
            json.WriteNumber("score", score);
            json.WriteNumber("comparisons", comparisons);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteStartObject("Metadata");
        json.WriteEndObject();
        json.WriteEndObject();
        return [.. scores.Select(s => s.Path)];
    }

    /// <summary>What the images of a log are called from one folder on.</summary>
    private sealed class Names
    {
        private readonly Dictionary<long, ImageName> _names;
        private readonly HashSet<long> _missing = [];

        public Names(ImageLibrary library, IReadOnlyList<Judgement> standing, string folder)
        {
            var images = standing.SelectMany(j => new[] { j.Verdict.Image, j.Verdict.Other ?? j.Verdict.Image }).ToHashSet();
            var paths = library.Paths(images);
            _names = library.ContentIds(images).ToDictionary(
                image => image.Id, image => new ImageName(Nearest(paths[image.Id], folder) ?? "", Convert.ToHexStringLower(image.ContentId)));
        }

        public IReadOnlyList<Failure> Missing =>
            [.. _missing.Order().Select(image => new Failure(_names[image].ContentId!, "is an image whose file the studio does not know; it has no path to be written under."))];

        public ImageName Of(long image) => _names[image];

        public string? PathOf(long image)
        {
            if (_names[image] is { Path.Length: > 0 } name)
            {
                return name.Path;
            }

            _missing.Add(image);
            return null;
        }

        /// <summary>Of an image's files one that lies below the folder, where there is one.</summary>
        private static string? Nearest(IEnumerable<string> paths, string folder) => paths
            .Select(path => Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/'))
            .OrderBy(path => path.StartsWith("../", StringComparison.Ordinal) || Path.IsPathRooted(path)).ThenBy(path => path, StringComparer.Ordinal)
            .FirstOrDefault();
    }
}
