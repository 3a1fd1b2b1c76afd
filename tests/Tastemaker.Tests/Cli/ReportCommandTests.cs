using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Painting.Abstract;
using Tastemaker.Nets.Pixels;
using Tastemaker.Tests.Core.Curation.Reports;
using Tastemaker.Tests.Web;

namespace Tastemaker.Tests.Cli;

/// <summary><c>taste report</c> on painted pictures, against its own CSV and in a browser.</summary>
public sealed class ReportCommandTests : IAsyncLifetime
{
    private const int Pictures = 60, Side = 48;

    private readonly TestStudio _studio = new();

    private string Page => _studio["report.html"];

    public async ValueTask InitializeAsync()
    {
        for (var i = 0; i < Pictures; i++)
        {
            var rgb = AbstractPainter.Paint(AbstractPrompt.Draw((ulong)i), (ulong)i, Side);
            _studio.Folder.Write($"pictures/{i % 7}/{i:00} & co.png", ImageWriter.Png(new(Side, Side, PixelMode.Rgb, rgb)));
        }

        File.Copy(Path.Combine(_studio["pictures/3"], "03 & co.png"), _studio["pictures/again.png"]);
        var dims = Tastemaker.Nets.Gist.GistEncoder.Dimensions;
        await _studio.ImportHead("mine", seed: 1, dims, space: "gist", bias: 5);
        await _studio.ImportHead("yours", seed: 2, dims, space: "gist", bias: 5);
    }

    public ValueTask DisposeAsync()
    {
        _studio.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Its_figures_are_those_computed_from_its_CSV()
    {
        await Report("--csv", _studio["scores.csv"], "--json", _studio["report.json"], "--above", "mine=5.2");

        var rows = Row.Parse(await File.ReadAllTextAsync(_studio["scores.csv"], TestContext.Current.CancellationToken));
        var byHead = rows.GroupBy(r => r.Model).ToDictionary(g => g.Key, g => g.OrderBy(r => r.Path, StringComparer.Ordinal).Select(r => (double)(float)r.Raw).ToArray());
        Assert.Equal(3, byHead.Count);
        Assert.All(byHead.Values, scores => Assert.Equal(Pictures + 1, scores.Length));

        var html = await File.ReadAllTextAsync(Page, TestContext.Current.CancellationToken);
        foreach (var json in (string[])[CollectionReportTests.Figures(html), await File.ReadAllTextAsync(_studio["report.json"], TestContext.Current.CancellationToken)])
        {
            var figures = JsonDocument.Parse(json).RootElement;
            Assert.Equal(Pictures + 1, figures.GetProperty("images").GetInt32());
            foreach (var head in figures.GetProperty("heads").EnumerateArray())
            {
                CheckHead(head, byHead[head.GetProperty("name").GetString()!]);
            }

            Assert.Equal(3, figures.GetProperty("pairs").GetArrayLength());
            foreach (var pair in figures.GetProperty("pairs").EnumerateArray())
            {
                var (a, b) = (byHead[pair.GetProperty("first").GetString()!], byHead[pair.GetProperty("second").GetString()!]);
                Assert.Equal(Pearson(a, b), pair.GetProperty("pearson").GetDouble(), 1e-9);
                Assert.Equal(Pearson(Ranks(a), Ranks(b)), pair.GetProperty("spearman").GetDouble(), 1e-9);
            }
        }

        foreach (var scores in byHead.Values)
        {
            Assert.Contains($"<dd class=\"big\">{scores.Average().ToString("0.00", CultureInfo.InvariantCulture)}</dd>", html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task It_opens_in_a_browser_with_its_pictures_and_asks_the_network_for_nothing()
    {
        await Report("--above", "5.2");
        await using var browser = await Browser.Start();
        var page = await browser.Page(new Uri("file:///"), scheme: ColorScheme.Light);

        await page.GotoAsync(new Uri(Page).AbsoluteUri);

        Assert.Equal("61 images, 3 heads", await page.TextContentAsync("h1"));
        Assert.Equal(Pictures, await page.Locator("#head0 .wall .tiles svg").CountAsync());
        Assert.Equal(Pictures, await page.EvaluateAsync<int>("document.querySelectorAll('.store image').length"));
        Assert.Equal(0, await page.EvaluateAsync<int>("[...document.querySelectorAll('use')].filter(u => !document.querySelector(u.getAttribute('href'))).length"));
        Assert.Equal(0, await page.EvaluateAsync<int>("[...document.querySelectorAll('a[href^=\"#\"]')].filter(a => !document.getElementById(a.getAttribute('href').slice(1))).length"));
        Assert.Equal(0, await page.EvaluateAsync<int>("performance.getEntriesByType('resource').filter(r => !r.name.startsWith('data:')).length"));
        Assert.Equal("rgb(245, 244, 241)", await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task A_file_that_is_no_picture_is_named_and_the_report_is_written()
    {
        _studio.Folder.File("pictures/broken.png", "no picture");

        var (code, output, error) = await _studio.Run("report", _studio["pictures"], "-m", "plain", "-o", Page, "--buckets", "quantiles");

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("broken.png", error, StringComparison.Ordinal);
        Assert.True(File.Exists(Page));
    }

    [Fact]
    public async Task Nothing_is_written_where_there_is_no_picture()
    {
        Directory.CreateDirectory(_studio["empty"]);

        var (code, _, error) = await _studio.Run("report", _studio["empty"], "-m", "plain", "-o", Page);

        Assert.Equal(2, code);
        Assert.Contains("no image to report on", error, StringComparison.Ordinal);
        Assert.False(File.Exists(Page));
    }

    private Task<string> Report(params string[] options) =>
        _studio.Output(["report", _studio["pictures"], "-m", "mine", "-m", "yours", "-m", "plain", "-o", Page, .. options]);

    private static void CheckHead(JsonElement head, double[] scores)
    {
        var mean = scores.Sum() / scores.Length;
        var deviation = Math.Sqrt(scores.Sum(s => Math.Pow(s - mean, 2)) / scores.Length);
        Assert.Equal(mean, head.GetProperty("mean").GetDouble(), 1e-9);
        Assert.Equal(deviation, head.GetProperty("deviation").GetDouble(), 1e-9);
        Assert.Equal(scores.Order().ElementAt(scores.Length / 2), head.GetProperty("median").GetDouble());
        Assert.Equal((scores.Min(), scores.Max()), (head.GetProperty("lowest").GetDouble(), head.GetProperty("highest").GetDouble()));
        Assert.Equal(scores.Count(s => s > mean + (2 * deviation)), head.GetProperty("above2Deviations").GetInt32());
        Assert.Equal(scores.Count(s => s > mean + (3 * deviation)), head.GetProperty("above3Deviations").GetInt32());
        Assert.Equal(scores.Max(), head.GetProperty("best")[0].GetProperty("raw").GetDouble());
        foreach (var threshold in head.GetProperty("thresholds").EnumerateArray())
        {
            Assert.Equal(scores.Count(s => s >= 5.2), threshold.GetProperty("count").GetInt32());
        }

        var buckets = head.GetProperty("buckets").EnumerateArray().Select(b => (
            From: b.GetProperty("from").GetDouble(), To: b.GetProperty("to").GetDouble(), Count: b.GetProperty("count").GetInt32(), Share: b.GetProperty("share").GetDouble())).ToList();
        Assert.Equal(scores.Length, buckets.Sum(b => b.Count));
        Assert.All(buckets, b => Assert.Equal(scores.Count(s => s >= b.From && s < b.To), b.Count));
        Assert.All(buckets, b => Assert.Equal((double)b.Count / scores.Length, b.Share, 1e-12));
    }

    private static double Pearson(double[] a, double[] b)
    {
        var (meanA, meanB) = (a.Average(), b.Average());
        return a.Zip(b, (x, y) => (x - meanA) * (y - meanB)).Sum()
            / Math.Sqrt(a.Sum(x => (x - meanA) * (x - meanA)) * b.Sum(y => (y - meanB) * (y - meanB)));
    }

    /// <summary>How many are smaller, and half of the equal ones.</summary>
    private static double[] Ranks(double[] values) => [.. values.Select(v => values.Count(o => o < v) + (values.Count(o => o == v) / 2.0))];
}
