using Microsoft.Playwright;
using Tastemaker.Core.Judging;

namespace Tastemaker.Tests.Web;

/// <summary>Compare, Rate and Pick as a person uses them: a real browser, the keyboard, and the log as the witness.</summary>
[Trait("Needs", "chromium")]
public sealed class JudgeBrowserTests
{
    [Fact]
    public async Task Forty_choices_a_draw_a_skip_and_an_undo_by_keyboard_are_in_the_log()
    {
        await using var browser = await Browser.Start();
        await using var served = await Served.Start(pictures: 24);
        var page = await browser.Page(served.Address);
        await page.GotoAsync("/");
        await Ready(page);

        for (var choice = 0; choice < 40; choice++)
        {
            await Press(page, choice % 3 == 0 ? "ArrowRight" : "ArrowLeft");
        }

        await Press(page, "ArrowDown");
        Assert.Equal("A draw", await Outcome(page, "A draw"));
        await Press(page, " ");
        Assert.Equal("Passed over", await Outcome(page, "Passed over"));
        await page.Keyboard.PressAsync("z");
        Assert.Equal("Taken back", await Outcome(page, "Taken back"));

        var kinds = Judged(served).CountBy(j => j.Verdict.Kind).ToDictionary();
        Assert.Equal(new() { [JudgementKind.Choice] = 40, [JudgementKind.Draw] = 1 }, kinds);
        Assert.All(Judged(served), j => Assert.Equal(("me", "web"), (j.Origin.Rater, j.Origin.Source)));
        Assert.All(Judged(served), j => Assert.NotNull(j.Origin.Milliseconds));
        Assert.StartsWith("41 choices", await page.Locator("[data-standing]").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task The_picture_that_was_chosen_is_the_one_that_wins()
    {
        await using var browser = await Browser.Start();
        await using var served = await Served.Start(pictures: 12);
        var page = await browser.Page(served.Address);
        await page.GotoAsync("/?images=4");
        await Ready(page, 4);
        var shown = await Shown();

        await page.Keyboard.PressAsync("3");
        await Expect(page, "[data-standing]", "3 choices");
        await page.Keyboard.PressAsync("z");
        await Expect(page, "[data-outcome]", "Taken back");
        await Ready(page, 4);

        // The same four are shown again, and what waited meanwhile comes after them.
        var again = await Shown();
        Assert.Equal(shown.Order(), again.Order());
        await page.Keyboard.PressAsync("3");
        await Expect(page, "[data-standing]", "3 choices");
        await Ready(page, 4);
        Assert.NotEqual(shown.Order(), (await Shown()).Order());

        shown = again;
        var winner = Path.GetFileName(shown[2]);
        Assert.Equal(3, Judged(served).Count);
        Assert.All(Judged(served), j => Assert.Equal(winner, served.Workspace.Library.Images([j.Verdict.Image])[0]!.ContentId));
        Assert.Empty(browser.Troubles);

        Task<string[]> Shown() => page.Locator(".stage img").EvaluateAllAsync<string[]>("all => all.map(image => image.dataset.original)");
    }

    [Fact]
    public async Task Pictures_zoom_and_move_in_step()
    {
        await using var browser = await Browser.Start();
        await using var served = await Served.Start(pictures: 4);
        var page = await browser.Page(served.Address);
        await page.GotoAsync("/");
        await Ready(page);

        await page.Locator(".frame").First.ClickAsync(new() { Position = new() { X = 200, Y = 200 } });
        var zoomed = await Transforms(page);
        await page.Keyboard.PressAsync("ArrowRight");
        var moved = await Transforms(page);
        await page.Keyboard.PressAsync("Escape");

        Assert.All(zoomed, matrix => Assert.StartsWith("matrix(3, 0, 0, 3,", matrix, StringComparison.Ordinal));
        Assert.Equal(zoomed[0], zoomed[1]);
        Assert.Equal(moved[0], moved[1]);
        Assert.NotEqual(zoomed[0], moved[0]);
        Assert.All(await Transforms(page), matrix => Assert.Equal("none", matrix));
        Assert.Empty(Judged(served));
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task On_a_phone_a_flick_or_a_tap_on_a_name_chooses()
    {
        await using var browser = await Browser.Start();
        await using var served = await Served.Start(pictures: 6);
        var page = await browser.Page(served.Address, width: 390, height: 844, isPhone: true);
        await page.GotoAsync("/");
        await Ready(page);

        await page.Locator(".choice button").Nth(1).TapAsync();
        await Expect(page, "[data-standing]", "1 choice");
        await Ready(page);
        await page.Locator(".frame").First.EvaluateAsync("""
            frame => {
              const at = (type, x) => frame.dispatchEvent(new PointerEvent(type, { bubbles: true, pointerType: "touch", clientX: x, clientY: 200 }));
              at("pointerdown", 100);
              at("pointerup", 260);
            }
            """);
        await Expect(page, "[data-standing]", "2 choices");

        Assert.Equal(2, Judged(served).Count);
        Assert.Equal(390, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task Ratings_are_given_with_the_digits()
    {
        await using var browser = await Browser.Start();
        await using var served = await Served.Start(pictures: 6);
        var page = await browser.Page(served.Address);
        await page.GotoAsync("/rate?scale=1-10");
        await Ready(page, 1);

        foreach (var key in new[] { "7", "0", "1" })
        {
            await Press(page, key);
        }

        await Expect(page, "[data-outcome]", "Rated 1");
        await page.Keyboard.PressAsync("z");
        Assert.Equal("Taken back", await Outcome(page, "Taken back"));

        Assert.Equal([7.0, 10.0], Judged(served).Select(j => j.Verdict.Value!.Value));
        Assert.All(Judged(served), j => Assert.Equal("1-10", j.Verdict.Scale));
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task Pictures_are_kept_and_rejected_from_a_contact_sheet()
    {
        await using var browser = await Browser.Start();
        await using var served = await Served.Start(pictures: 30);
        var page = await browser.Page(served.Address);
        await page.GotoAsync("/pick");
        var first = await page.Locator(".tile a").First.GetAttributeAsync("href");

        await page.Locator(".tile a").First.FocusAsync();
        await page.Keyboard.PressAsync("k");
        await Expect(page, "[data-outcome]", "One kept");
        await page.Keyboard.PressAsync("x");
        await Expect(page, "[data-outcome]", "One rejected");
        await page.Keyboard.PressAsync("Shift+ArrowRight");
        await page.Keyboard.PressAsync("Shift+ArrowDown");
        await Expect(page, ".selection output", "8 selected");
        await page.Keyboard.PressAsync("r");
        await Expect(page, "[data-outcome]", "8 rejected");
        await page.Keyboard.PressAsync("z");
        await Expect(page, "[data-outcome]", "Taken back");
        await page.Keyboard.PressAsync("n");
        await page.WaitForURLAsync("**/pick?offset=22");

        Assert.Equal([JudgementKind.Keep, JudgementKind.Reject], Judged(served).Select(j => j.Verdict.Kind));
        Assert.Equal(Path.GetFileName(first), served.Workspace.Library.Images([Judged(served)[0].Verdict.Image])[0]!.ContentId);
        Assert.Equal(6, await page.Locator(".tile").CountAsync());
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task On_a_phone_a_tap_keeps_or_rejects()
    {
        await using var browser = await Browser.Start();
        await using var served = await Served.Start(pictures: 6);
        var page = await browser.Page(served.Address, width: 390, height: 844, isPhone: true);
        await page.GotoAsync("/pick");

        Assert.Equal("0.85", await page.Locator(".verdicts").First.EvaluateAsync<string>("buttons => getComputedStyle(buttons).opacity"));
        await page.Locator("[data-verdict=reject]").Nth(2).TapAsync();
        await Expect(page, "[data-outcome]", "One rejected");

        await Assertions.Expect(page.Locator(".tile").Nth(2).Locator(".verdict")).ToHaveTextAsync("rejected");
        Assert.Equal(JudgementKind.Reject, Assert.Single(Judged(served)).Verdict.Kind);
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task Without_pictures_every_page_says_what_to_do()
    {
        await using var browser = await Browser.Start();
        await using var served = await Served.Start(pictures: 0);
        var page = await browser.Page(served.Address);

        foreach (var path in new[] { "/", "/rate", "/pick", "/library" })
        {
            await page.GotoAsync(path);
            Assert.Equal("taste serve FOLDER", await page.Locator("code").InnerTextAsync());
        }

        await page.GotoAsync("/taste");
        Assert.Equal("Add images", await page.Locator(".advice h2").InnerTextAsync());
        Assert.Empty(browser.Troubles);
    }

    private static IReadOnlyList<Judgement> Judged(Served served) => new JudgementLog(served.Workspace.Database).Standing(TasteName.Default);

    private static Task Ready(IPage page, int pictures = 2) => Assertions.Expect(page.Locator(".stage .choice:not(.chosen) img")).ToHaveCountAsync(pictures);

    /// <summary>Judges what is shown, and waits for what comes next.</summary>
    private static async Task Press(IPage page, string key)
    {
        await page.EvaluateAsync("document.querySelectorAll('.stage .choice').forEach(choice => choice.classList.add('old'))");
        await page.Keyboard.PressAsync(key);
        await Browser.Until(page, "document.querySelector('.stage .choice') && !document.querySelector('.stage .choice.old')");
    }

    private static async Task<string> Outcome(IPage page, string text)
    {
        await Expect(page, "[data-outcome]", text);
        return await page.Locator("[data-outcome]").InnerTextAsync();
    }

    private static Task Expect(IPage page, string where, string text) => Assertions.Expect(page.Locator(where)).ToContainTextAsync(text);

    private static Task<string[]> Transforms(IPage page) =>
        page.Locator(".stage img").EvaluateAllAsync<string[]>("all => all.map(image => getComputedStyle(image).transform)");
}
