using Microsoft.Playwright;

namespace Tastemaker.Tests.Web;

/// <summary>Debian's Chromium with nothing else open. What it says on its console, and every address off this machine that it asks for, is kept.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly string[] Usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(15);

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly List<string> _troubles = [];

    private Browser(IPlaywright playwright, IBrowser browser)
    {
        (_playwright, _browser) = (playwright, browser);
    }

    /// <summary>Errors on the console, exceptions in scripts, answers with an error's status, and addresses off this machine.</summary>
    public IReadOnlyList<string> Troubles => _troubles;

    public static async Task<Browser> Start()
    {
        var program = Usual.Prepend(Environment.GetEnvironmentVariable("TASTE_CHROMIUM") ?? "").FirstOrDefault(File.Exists);
        Assert.SkipUnless(program is not null, "No Chromium is installed here; TASTE_CHROMIUM may name one.");
        var playwright = await Playwright.CreateAsync();
        return new(playwright, await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = program,
            Args = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-gpu"],
        }));
    }

    public async Task<IPage> Page(Uri address, int width = 1440, int height = 900, ColorScheme scheme = ColorScheme.Dark, bool isPhone = false, float scale = 1)
    {
        var context = await _browser.NewContextAsync(new()
        {
            BaseURL = $"{address}",
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = scheme,
            DeviceScaleFactor = scale,
            HasTouch = isPhone,
            ReducedMotion = ReducedMotion.Reduce,
            AcceptDownloads = true,
        });
        context.SetDefaultTimeout(20_000);
        var page = await context.NewPageAsync();
        page.Console += (_, message) => Note(message.Type == "error", $"console: {message.Text} ({message.Location})");
        page.PageError += (_, error) => Note(true, $"script: {error}");
        page.Response += (_, answer) => Note(answer.Status >= 400, $"{answer.Status}: {answer.Url}");
        await context.RouteAsync("**/*", async route =>
        {
            var wanted = new Uri(route.Request.Url);
            var isOurs = wanted.Scheme is "data" or "blob" || wanted.Authority == address.Authority;
            Note(!isOurs, $"off this machine: {wanted}");
            await (isOurs ? route.ContinueAsync() : route.AbortAsync());
        });
        return page;
    }

    /// <summary>Waits until an expression holds. Playwright's own wait would have to be let evaluate strings, which the pages forbid.</summary>
    public static async Task Until(IPage page, string expression)
    {
        var patience = TimeSpan.FromSeconds(20);
        for (var waited = TimeSpan.Zero; !await page.EvaluateAsync<bool>($"Boolean({expression})"); waited += Pause)
        {
            Assert.True(waited < patience, $"within {patience.TotalSeconds} s this did not come: {expression}");
            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.CloseAsync();
        _playwright.Dispose();
    }

    private void Note(bool isTrouble, string text)
    {
        lock (_troubles)
        {
            if (isTrouble)
            {
                _troubles.Add(text);
            }
        }
    }
}
