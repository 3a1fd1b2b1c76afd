using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Playwright;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Judging;
using Tastemaker.Native.Vips;

namespace Tastemaker.Tests.Web;

/// <summary>What holds on every page, and the Taste page. <c>UPDATE_SNAPSHOTS=1</c> also takes the pictures of docs/web/.</summary>
[Trait("Needs", "chromium")]
public sealed class PagesBrowserTests
{
    private static readonly string[] Paths = ["/", "/rate", "/pick", "/library", "/paint", "/taste"];

    private const string Prompt = "a lighthouse above a quiet sea, (evening light:1.2), oil on canvas";

    /// <summary>Of the documents' pictures, beside the pages' own pixels.</summary>
    private const float Shrunk = 0.8f;

    private static readonly (string Name, ColorScheme Scheme, int Width, int Height)[] Looks =
        [("light", ColorScheme.Light, 1200, 750), ("dark", ColorScheme.Dark, 1200, 750), ("phone", ColorScheme.Dark, 390, 844)];

    /// <summary>Each element with text of its own, the contrast of the text with what is behind it by WCAG 2.2's formula, if it is too low.</summary>
    private const string LowContrast = """
        () => {
          const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
          const over = (colour, ground) => {
            canvas.fillStyle = `rgb(${ground.join(" ")})`; canvas.fillRect(0, 0, 1, 1);
            canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
            return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
          };
          const light = (rgb) => rgb.map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
          const ground = (node) => node ? over(getComputedStyle(node).backgroundColor, ground(node.parentElement)) : [255, 255, 255];
          return [...document.body.querySelectorAll("*")].flatMap((node) => {
            const text = [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.textContent.trim());
            const style = getComputedStyle(node);
            if (!text || node.closest("template, .tile, dialog:not([open]), .unseen, noscript, script") || !node.checkVisibility()) return [];
            const behind = ground(node instanceof SVGElement ? node.ownerSVGElement : node);
            const [a, b] = [light(over(node instanceof SVGElement ? style.fill : style.color, behind)), light(behind)].sort((x, y) => y - x);
            const contrast = (a + 0.05) / (b + 0.05);
            return contrast < 4.5 ? [`${contrast.toFixed(2)} ${node.outerHTML.slice(0, 120)}`] : [];
          });
        }
        """;

    private const string Nameless = """
        () => [...document.querySelectorAll("a, button, select, textarea, input:not([type=hidden]), [role=toolbar], svg[role=img]")]
          .filter(node => !(node.getAttribute("aria-label") || node.textContent.trim() || node.labels?.length || node.querySelector("img")?.alt) || (node.matches("select") && !node.getAttribute("aria-label") && !node.labels?.length))
          .map(node => node.outerHTML)
          .concat([...document.querySelectorAll("img")].filter(image => !image.alt).map(image => image.outerHTML))
          .concat(document.querySelectorAll("main").length === 1 && document.querySelectorAll("h1").length === 1 ? [] : ["one main, one h1"])
        """;

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Everything_has_a_name_and_every_text_a_contrast_of_4_5(ColorScheme scheme)
    {
        await using var browser = await Browser.Start();
        await using var served = await Served.Start(pictures: 24, paints: true);
        Judge(served, 300);
        var page = await browser.Page(served.Address, scheme: scheme);

        foreach (var path in Paths)
        {
            await Open(page, path);
            Assert.Empty(await page.EvaluateAsync<string[]>(LowContrast));
            Assert.Empty(await page.EvaluateAsync<string[]>(Nameless));
        }

        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task No_page_is_wider_than_a_phone()
    {
        await using var browser = await Browser.Start();
        await using var served = await Served.Start(pictures: 24, paints: true);
        Judge(served, 300);
        var page = await browser.Page(served.Address, width: 390, height: 844, isPhone: true);

        foreach (var path in Paths)
        {
            await Open(page, path);
            Assert.Equal((path, 390), (path, await page.EvaluateAsync<int>("document.documentElement.scrollWidth")));
        }

        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task The_theme_is_changed_by_a_button_and_remembered()
    {
        await using var browser = await Browser.Start();
        await using var served = await Served.Start(pictures: 4);
        var page = await browser.Page(served.Address, scheme: ColorScheme.Dark);
        await page.GotoAsync("/taste");
        var dark = await Ground(page);

        await page.Locator("[data-theme-button]").ClickAsync();
        var light = await Ground(page);
        await page.ReloadAsync();

        Assert.NotEqual(dark, light);
        Assert.Equal(light, await Ground(page));
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task A_question_mark_shows_the_keys_on_every_page()
    {
        await using var browser = await Browser.Start();
        await using var served = await Served.Start(pictures: 8, paints: true);
        var page = await browser.Page(served.Address);

        foreach (var path in Paths)
        {
            await Open(page, path);
            await page.Keyboard.PressAsync("?");
            await Assertions.Expect(page.Locator("dialog.keys")).ToBeVisibleAsync();
            await page.Keyboard.PressAsync("Escape");
            await Assertions.Expect(page.Locator("dialog.keys")).ToBeHiddenAsync();
        }

        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task The_Taste_page_shows_its_figures_as_words_charts_and_pictures()
    {
        await using var browser = await Browser.Start();
        await using var served = await Served.Start(pictures: 24);
        Judge(served, 300);
        var page = await browser.Page(served.Address);

        await Open(page, "/taste");

        await Assertions.Expect(page.Locator(".key-figures .big").First).ToContainTextAsync(" %");
        var charts = await page.Locator("svg[role=img]").EvaluateAllAsync<string[]>("all => all.map(chart => chart.getAttribute('aria-label'))");
        Assert.Collection(charts,
            chart => Assert.StartsWith("Share of choices foretold: ", chart, StringComparison.Ordinal),
            chart => Assert.StartsWith("Of ", chart, StringComparison.Ordinal),
            chart => Assert.StartsWith("24 images from ", chart, StringComparison.Ordinal));
        Assert.Equal(24, await page.Locator(".strip .tile img").CountAsync());
        await Assertions.Expect(page.Locator(".strip table").First).ToContainTextAsync("anna");
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task A_name_that_cannot_be_a_taste_s_is_answered_clearly()
    {
        await using var browser = await Browser.Start();
        await using var served = await Served.Start(pictures: 2);
        var page = await browser.Page(served.Address);

        var answer = await page.GotoAsync("/taste?taste=" + new string('x', 2000));

        Assert.InRange(answer!.Status, 400, 499);
        Assert.Contains("cannot name a taste", await answer.TextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_documents_show_the_pages_as_they_are()
    {
        var folder = Path.GetFullPath(Path.Combine(Here(), "../../../docs/web"));
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            await Picture(folder);
        }

        var files = Directory.GetFiles(folder, "*.png");
        Assert.Superset(Paths.SelectMany(path => Looks.Select(look => $"{Name(path)}-{look.Name}.png")).ToHashSet(), files.Select(Path.GetFileName).ToHashSet()!);
        Assert.InRange(files.Sum(file => new FileInfo(file).Length), 1, 1_500_000);
    }

    private static async Task Picture(string folder)
    {
        Directory.CreateDirectory(folder);
        await using var browser = await Browser.Start();
        await using var served = await Served.Start(pictures: 60, side: 512, paints: true, painted: 24);
        Judge(served, 400);
        using var program = new HttpClient { BaseAddress = served.Address };
        foreach (var (look, scheme, width, height) in Looks)
        {
            var page = await browser.Page(served.Address, width, height, scheme, isPhone: look == "phone", Shrunk);
            await page.Context.RouteAsync("**/api/paint/preview*", route => route.FulfillAsync(new() { ContentType = "image/png", BodyBytes = ImageWriter.Png(Served.Abstract(107, 64)) }));
            foreach (var path in Paths)
            {
                var asked = path == "/paint" ? await Ask(program) : [];
                await Open(page, path);
                if (path == "/paint")
                {
                    await page.Locator("[name=prompt]").FillAsync(Prompt);
                    await page.Locator("[name=prompt]").BlurAsync();
                    await Assertions.Expect(page.Locator(".easel img")).ToBeVisibleAsync();
                    await Browser.Until(page, "document.querySelector('#now progress')?.value >= 6");
                    await Browser.Until(page, "document.querySelectorAll('#painted .tile img').length >= 24");
                    await page.EvaluateAsync("Promise.all([...document.querySelectorAll('#painted .tile img')].slice(0, 12).map(image => image.decode()))");
                }

                await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{Name(path)}-{look}.png") });
                Slim(Path.Combine(folder, $"{Name(path)}-{look}.png"));
                foreach (var run in asked)
                {
                    (await program.DeleteAsync($"/api/paint/{run}", TestContext.Current.CancellationToken)).Dispose();
                }
            }
        }
    }

    /// <summary>Two runs; the first is long enough to be seen.</summary>
    private static async Task<long[]> Ask(HttpClient program)
    {
        return [await Run(new { prompt = Prompt, width = 128, height = 128, steps = 20, count = 12 }), await Run(new { prompt = "a quiet harbour in the rain", width = 16, height = 16, count = 4 })];

        async Task<long> Run(object body)
        {
            using var answer = await program.PostAsJsonAsync("/api/paint", body, TestContext.Current.CancellationToken);
            return (await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("run").GetInt64();
        }
    }

    /// <summary>A palette does for a document; the pictures in these pages are painted with grain, which PNG cannot press.</summary>
    private static void Slim(string path)
    {
        var raster = ImageDecoder.Decode(path, Orientation.Ignore, CancellationToken.None).ToRgb();
        using var image = VipsImage.FromPixels(raster.Pixels, raster.Width, raster.Height, raster.Bands, "srgb");
        File.WriteAllBytes(path, image.Save("png", ("palette", "true"), ("Q", "60"), ("dither", "0"), ("compression", "9"), ("keep", "none")));
    }

    /// <summary>Choices of two people who prefer what came first, mostly; some held out, some repeated.</summary>
    private static void Judge(Served served, int choices)
    {
        var dice = new Random(3);
        var images = served.Workspace.Library.All().Select(image => image.Id).ToList();
        var log = new JudgementLog(served.Workspace.Database);
        var acts = new List<IReadOnlyList<Verdict>>();
        for (var i = 0; i < choices; i++)
        {
            var (a, b) = (dice.Next(images.Count), dice.Next(images.Count - 1));
            b += b >= a ? 1 : 0;
            var (better, worse) = (a < b) == dice.NextSingle() < 0.85 ? (a, b) : (b, a);
            var purpose = i % 4 == 0 ? Purpose.HeldOut : Purpose.Train;
            var expected = Math.Clamp(0.55 + (0.3 * dice.NextDouble()) - (dice.NextSingle() < 0.25 ? 0.4 : 0), 0.02, 0.98);
            var choice = Verdict.Choice(images[better], images[worse]) with { Purpose = purpose, Expected = expected };
            acts.Add([choice]);
            if (i % 12 == 0)
            {
                acts.Add([choice with { Purpose = Purpose.Repeat }]);
            }
        }

        log.Append(TasteName.Default, acts[..(acts.Count / 5)], new("anna", "web", 900));
        log.Append(TasteName.Default, acts[(acts.Count / 5)..], new(TasteName.DefaultRater, "web", 900));
    }

    private static async Task Open(IPage page, string path)
    {
        await page.GotoAsync(path, new() { WaitUntil = WaitUntilState.NetworkIdle });
        await page.EvaluateAsync("Promise.all([...document.images].filter(image => image.loading !== 'lazy').map(image => image.decode()))");
    }

    private static string Name(string path) => path == "/" ? "compare" : path[1..];

    private static Task<string> Ground(IPage page) => page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");

    private static string Here([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
