using System.CommandLine;
using Tastemaker.Core.Data.Fetching;

namespace Tastemaker.App.Cli;

/// <summary><c>taste data fetch</c>: listed images into img2dataset's layouts.</summary>
internal static class DataFetchCommand
{
    private const int Mega = 1 << 20;
    private static readonly FetchRequest Usual = new("", "");

    private static readonly Argument<FileInfo> List = new("LIST") { Description = "CSV (also .csv.gz) or Parquet with a column of addresses, or a .txt with one a line." };

    private static readonly Option<DirectoryInfo> Into = new("--output", "-o")
    {
        Description = "Folder for the shards; shards that are whole are kept.",
        HelpName = "DIR",
        Required = true,
    };

    private static readonly Option<string> Layout = Layouts();

    private static readonly Option<int> ShardRows = Count("--shard-size", "Addresses in a shard.", Usual.ShardRows);
    private static readonly Option<int> Concurrency = Count("--concurrency", "Downloads at once.", Usual.Concurrency);
    private static readonly Option<int> PerHost = Count("--per-host", "Downloads at once from one host.", Usual.PerHost);
    private static readonly Option<int> Retries = Count("--retries", "Tries after the first, where a failure may pass.", Usual.Retries);
    private static readonly Option<int> Timeout = Count("--timeout", "Seconds for one try.", (int)Usual.Timeout.TotalSeconds);
    private static readonly Option<int> MostMegaBytes = Count("--max-size", "Larger files are not fetched, in MB.", Usual.MostBytes / Mega);
    private static readonly Option<string?> Url = new("--url-column") { Description = "Column of the addresses. Default: url, image_url or image_uri.", HelpName = "NAME" };
    private static readonly Option<string?> Caption = new("--caption-column") { Description = "Column of the captions. Default: caption, text or prompt.", HelpName = "NAME" };

    private static readonly Option<bool> AllowPrivate = new("--allow-private")
    {
        Description = "Also ask hosts of this machine and of private networks, and a proxy (HTTPS_PROXY, HTTP_PROXY).",
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Print the summary as JSON." };

    public static Command Create(Terminal terminal) =>
        new Command("fetch", "Download listed images politely; what a server withholds from indexing or AI (X-Robots-Tag) is not taken.")
        {
            List, Into, Layout, ShardChoice.Option, ShardRows, Concurrency, PerHost, Retries, Timeout, MostMegaBytes, Url, Caption, AllowPrivate, Json,
        }.Runs((parse, cancel) => Run(parse, terminal, cancel));

    private static int Run(ParseResult parse, Terminal terminal, CancellationToken cancel)
    {
        var request = new FetchRequest(parse.GetRequiredValue(List).FullName, parse.GetRequiredValue(Into).FullName)
        {
            Layout = parse.GetRequiredValue(Layout) == "webdataset" ? FetchLayout.Webdataset : FetchLayout.Files,
            ShardRows = Within(parse, ShardRows, 1, 1_000_000),
            Concurrency = Within(parse, Concurrency, 1, 1000),
            PerHost = Within(parse, PerHost, 1, 1000),
            Retries = Within(parse, Retries, 0, 100),
            Timeout = TimeSpan.FromSeconds(Within(parse, Timeout, 1, 3600)),
            MostBytes = Within(parse, MostMegaBytes, 1, 1024) * Mega,
            UrlColumn = parse.GetValue(Url),
            CaptionColumn = parse.GetValue(Caption),
            AllowPrivate = parse.GetValue(AllowPrivate),
        };
        var summary = DatasetFetch.Run(request, ShardChoice.Of(parse), TimeProvider.System, Reporting.Progress(terminal), cancel);
        terminal.ClearProgress();
        foreach (var (reason, count) in summary.Reasons)
        {
            terminal.Note($"{count} times: {reason}");
        }

        if (parse.GetValue(Json))
        {
            terminal.Json(new { summary.Fetched, summary.Failed, summary.Shards, summary.Kept, reasons = summary.Reasons.Select(r => new { r.Reason, r.Count }) });
        }
        else
        {
            terminal.Out.WriteLine($"{summary.Fetched} images fetched in {summary.Shards} shards, {summary.Failed} addresses without one; {summary.Kept} shards were there");
        }

        return summary.Failed > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }

    private static int Within(ParseResult parse, Option<int> option, int least, int most) => parse.GetValue(option) is var value && value >= least && value <= most ? value
        : throw new UserException($"{option.Name} is {value}; {least} to {most} were wanted.");

    private static Option<int> Count(string name, string description, int usual) => new(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => usual };

    private static Option<string> Layouts()
    {
        var option = new Option<string>("--layout") { Description = "A folder for each shard, or a tar.", DefaultValueFactory = _ => "files" };
        return option.AcceptOnlyFromAmong("files", "webdataset");
    }
}
