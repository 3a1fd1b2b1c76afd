using System.CommandLine;
using System.Globalization;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Taste;

namespace Tastemaker.App.Cli;

/// <summary><c>taste stats</c>: how far a taste can be trusted, and what to do next.</summary>
internal static class StatsCommand
{
    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON." };

    private static readonly Option<bool> EloReport = new("--elo")
    {
        Description = "Print the report of the Elo trainer instead, in its own words, from the same choices.",
    };

    public static Command Create(Terminal terminal)
    {
        var command = new Command("stats", "Show how well a taste is learned: agreement, repeatability, odd ones out, and what to do next.")
        {
            JudgementsCommand.Taste, Json, EloReport,
        };
        foreach (var option in EncoderChoice.Options)
        {
            command.Options.Add(option);
        }

        return command.Runs((parse, _) => Run(parse, terminal));
    }

    private static int Run(ParseResult parse, Terminal terminal)
    {
        using var workspace = Root.Open(parse);
        var taste = TasteName.Demand(parse.GetRequiredValue(JudgementsCommand.Taste));
        var log = new JudgementLog(workspace.Database);
        var standing = log.Standing(taste);
        if (parse.GetValue(EloReport))
        {
            foreach (var line in EloReplay.Of(standing).Report(workspace.Library.Count().Images))
            {
                terminal.Out.WriteLine(line);
            }

            return ExitCode.Done;
        }

        using var encoder = workspace.Encoder(parse.GetValue(EncoderChoice.Encoder), [], EncoderChoice.Of(parse, terminal));
        using var session = TasteSession.Open(workspace.Library, log, workspace.Vectors(encoder), workspace.Heads([], encoder.Space), taste, seed: 0);
        var report = TasteReport.Of(standing, session.Ranking, session.Wins);
        if (parse.GetValue(Json))
        {
            terminal.Json(Card(taste, report, workspace));
        }
        else
        {
            Print(taste, report, workspace, terminal.Out);
        }

        return ExitCode.Done;
    }

    private static void Print(string taste, TasteReport report, Workspace workspace, TextWriter output)
    {
        var (counts, odd) = (report.Counts, report.OddOneOut);
        output.WriteLine($"taste '{taste}': {counts.Choices} choices, {counts.Draws} draws, {counts.Skips} skips, {counts.Ratings} ratings, "
            + $"{counts.Keeps} kept, {counts.Rejects} rejected; {counts.Judged} of {counts.Images} images judged");
        output.WriteLine($"agreement      {Share(report.Agreement)}: held-out choices that the model foretells");
        output.WriteLine($"repeatability  {Share(report.Repeatability)}: pairs shown again that went the same way");
        output.WriteLine($"odd one out    all agree {odd.AllAgree}, Elo {odd.Elo}, model {odd.Model}, you {odd.Person}, undecided {odd.Undecided}");
        foreach (var bin in report.Calibration.Where(b => b.Right.Of > 0))
        {
            output.WriteLine($"calibration    {Percent(bin.Claimed)} claimed, {Share(bin.Right)} right");
        }

        foreach (var rater in report.Raters.Where(_ => report.Raters.Count > 1))
        {
            output.WriteLine($"rater          {rater.Rater}: {rater.Judgements} judgements, repeats {Share(rater.Repeatability)}");
        }

        foreach (var pair in report.BetweenRaters)
        {
            var kappa = pair.Kappa is { } k ? string.Create(CultureInfo.InvariantCulture, $"kappa {k:F2} ({pair.Low:F2} to {pair.High:F2})") : "kappa unknown";
            output.WriteLine($"between        {pair.Rater} and {pair.Other}: {Share(pair.Same)} alike, {kappa}");
        }

        Images("most liked", report.MostLiked);
        Images("least liked", report.LeastLiked);
        Images("most unsure", report.MostUnsure);
        output.WriteLine($"next: {Word(report.Advice.Next)}. {report.Advice.Why}");

        void Images(string title, IReadOnlyList<RankedImage> images)
        {
            const int Few = 3;
            foreach (var (image, path) in Named(images.Take(Few), workspace))
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{title,-14} {image.Mean:F2} ± {image.Deviation:F2}  {Reporting.FromHere(path)}"));
            }
        }
    }

    private static object Card(string taste, TasteReport report, Workspace workspace) => new
    {
        taste,
        report.Counts,
        report.Agreement,
        report.Repeatability,
        report.Learning,
        report.OddOneOut,
        report.Calibration,
        report.Means,
        mostLiked = Listed(report.MostLiked, workspace),
        leastLiked = Listed(report.LeastLiked, workspace),
        mostUnsure = Listed(report.MostUnsure, workspace),
        report.Raters,
        report.BetweenRaters,
        advice = new { next = Word(report.Advice.Next), report.Advice.Why },
    };

    private static IEnumerable<object> Listed(IReadOnlyList<RankedImage> images, Workspace workspace) =>
        Named(images, workspace).Select(i => new { i.Path, i.Image.Mean, i.Image.Deviation, i.Image.Percentile, i.Image.Choices });

    private static IEnumerable<(RankedImage Image, string Path)> Named(IEnumerable<RankedImage> images, Workspace workspace)
    {
        var all = images.ToList();
        var paths = workspace.Library.Paths([.. all.Select(i => i.Image)]);
        return all.Select(image => (image, paths[image.Image].FirstOrDefault() ?? $"image {image.Image}, whose file is gone"));
    }

    private static string Word(NextStep next) => next switch
    {
        NextStep.Choose => "choose",
        NextStep.AddImages => "add images",
        _ => "stop",
    };

    private static string Share(Agreement share) =>
        share.Of == 0 ? "unknown" : $"{Percent(share.Rate)} ({Percent(share.Low)} to {Percent(share.High)}; {share.Of} in all)";

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:F0} %");
}
