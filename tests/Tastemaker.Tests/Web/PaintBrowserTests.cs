using Microsoft.Playwright;

namespace Tastemaker.Tests.Web;

/// <summary>The page Paint, as a person uses it.</summary>
[Trait("Needs", "chromium")]
public sealed class PaintBrowserTests
{
    [Fact]
    public async Task A_prompt_becomes_pictures_that_are_seen_while_they_are_painted_and_more_of_one_follow()
    {
        await using var browser = await Browser.Start();
        await using var served = await Served.Start(pictures: 0, paints: true);
        var page = await browser.Page(served.Address);
        await page.GotoAsync("/paint");
        await Assertions.Expect(page.Locator(".progress")).ToContainTextAsync("Nothing is being painted");

        await page.Keyboard.PressAsync("e");
        await page.Keyboard.TypeAsync("a cat by the sea");
        await page.Locator("[name=sampler]").SelectOptionAsync("DDIM");
        await Fill(page, ("width", 64), ("height", 64), ("steps", 900), ("count", 100), ("seed", 5));
        await page.Locator("[name=prompt]").PressAsync("Control+Enter");

        await Assertions.Expect(page.Locator(".easel figure img")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".progress")).ToContainTextAsync(" of 900");
        Assert.Equal(32, await page.Locator(".easel figure img").EvaluateAsync<int>("image => image.naturalWidth"));
        await page.Locator(".acts [data-cancel]").ClickAsync();
        await Assertions.Expect(page.Locator(".easel figure")).ToBeHiddenAsync();

        await Ask(page, "a cat by the sea", ("width", 16), ("height", 12), ("steps", 3), ("count", 2));
        await Assertions.Expect(page.Locator("#painted .tile")).ToHaveCountAsync(2);
        await Assertions.Expect(page.Locator("#painted .mean").First).ToContainTextAsync(" ± ");

        await page.Locator("#painted .tile").First.HoverAsync();
        await page.Locator("#painted [data-more]").First.ClickAsync();
        await Assertions.Expect(page.Locator("#painted .tile")).ToHaveCountAsync(4);

        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task Keys_use_the_settings_of_a_picture_ask_for_more_and_keep_it()
    {
        await using var browser = await Browser.Start();
        await using var served = await Served.Start(pictures: 0, paints: true);
        var page = await browser.Page(served.Address);
        await page.GotoAsync("/paint");
        await Ask(page, "first", ("width", 16), ("height", 12), ("steps", 3), ("count", 1), ("seed", 9), ("cfg", 4.5));
        await Assertions.Expect(page.Locator("#painted .tile")).ToHaveCountAsync(1);
        await page.Locator("[name=prompt]").FillAsync("something else");

        await page.Keyboard.PressAsync("Escape");
        await page.Locator("#painted .tile a").First.FocusAsync();
        await page.Keyboard.PressAsync("u");

        await Assertions.Expect(page.Locator("[name=prompt]")).ToHaveValueAsync("first");
        Assert.Equal(["16", "12", "3", "9", "4.5"], await page.EvaluateAsync<string[]>("['width', 'height', 'steps', 'seed', 'cfg'].map(name => document.querySelector(`[name=${name}]`).value)"));
        await Fill(page, ("count", 1));
        await page.Locator("#painted .tile a").First.FocusAsync();
        await page.Keyboard.PressAsync("k");
        await Assertions.Expect(page.Locator("#painted .verdict.keep")).ToHaveTextAsync("kept");
        await page.Keyboard.PressAsync("m");
        await Assertions.Expect(page.Locator("#painted .tile")).ToHaveCountAsync(2);
        await Assertions.Expect(page.Locator("#painted .verdict.keep")).ToHaveCountAsync(1);
        Assert.True(await page.EvaluateAsync<bool>("document.activeElement.closest('.tile') !== null"));
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task What_waits_is_cancelled_and_what_cannot_be_painted_is_said()
    {
        await using var browser = await Browser.Start();
        await using var served = await Served.Start(pictures: 0, paints: true);
        var page = await browser.Page(served.Address);
        await page.GotoAsync("/paint");

        await Ask(page, "endless", ("width", 64), ("height", 64), ("steps", 900), ("count", 100));
        await Assertions.Expect(page.Locator(".progress")).ToContainTextAsync("picture 1 of 100");
        await Ask(page, "next", ("width", 16), ("height", 16), ("steps", 2), ("count", 3));
        await Assertions.Expect(page.Locator(".waiting li")).ToContainTextAsync("3 pictures waiting");
        await page.Locator(".waiting [data-cancel]").ClickAsync();
        await Assertions.Expect(page.Locator(".waiting li")).ToHaveCountAsync(0);
        await page.Locator(".acts [data-cancel]").ClickAsync();
        await Assertions.Expect(page.Locator(".progress")).ToContainTextAsync("Nothing is being painted");
        Assert.Empty(browser.Troubles);

        await page.Locator("details summary").ClickAsync();
        await Ask(page, "wrong", ("clipSkip", 3));
        await Assertions.Expect(page.Locator("[data-answer]")).ToHaveTextAsync("clip skip 3 is asked for; 1 to 2 is wanted.");
    }

    [Fact]
    public async Task Without_a_checkpoint_the_page_says_how()
    {
        await using var browser = await Browser.Start();
        await using var served = await Served.Start(pictures: 2);
        var page = await browser.Page(served.Address);

        await page.GotoAsync("/paint");

        await Assertions.Expect(page.Locator("main code")).ToHaveTextAsync("taste serve --checkpoint FILE");
        Assert.Empty(browser.Troubles);
    }

    private static async Task Ask(IPage page, string prompt, params (string Name, double Value)[] settings)
    {
        await page.Locator("[name=prompt]").FillAsync(prompt);
        await Fill(page, settings);
        await page.Locator("[name=prompt]").PressAsync("Control+Enter");
    }

    private static async Task Fill(IPage page, params (string Name, double Value)[] settings)
    {
        foreach (var (name, value) in settings)
        {
            await page.Locator($"[name={name}]").FillAsync(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{value}"));
        }
    }
}
