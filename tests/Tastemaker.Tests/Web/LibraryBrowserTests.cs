using Microsoft.Playwright;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Library;

namespace Tastemaker.Tests.Web;

/// <summary>The wall, its filters and what is done with a selection, and the page of one image.</summary>
[Trait("Needs", "chromium")]
public sealed class LibraryBrowserTests
{
    private const int Many = 100_000;

    [Fact]
    public async Task A_hundred_thousand_images_scroll_with_few_of_them_on_the_page()
    {
        await using var browser = await Browser.Start();
        await using var served = await Served.Start(pictures: 8, listed: Many);
        var page = await browser.Page(served.Address);

        // Most of these have no file, so their thumbnails are not asked for.
        await page.Context.RouteAsync("**/thumbnails/**", route => route.FulfillAsync(new() { ContentType = "image/svg+xml", Body = "<svg xmlns='http://www.w3.org/2000/svg'/>" }));
        await page.GotoAsync("/library");
        var height = await page.EvaluateAsync<int>("document.documentElement.scrollHeight");

        foreach (var share in new[] { 0.1, 0.35, 0.6, 0.85 })
        {
            await page.EvaluateAsync("to => scrollTo(0, to)", height * share);
            await Browser.Until(page, "[...document.querySelectorAll('.tile')].some(tile => { const box = tile.getBoundingClientRect(); return box.top < innerHeight && box.bottom > 100; })");
            Assert.InRange(await page.Locator(".tile").CountAsync(), 1, 1200);
        }

        await page.EvaluateAsync("scrollTo(0, 0)");
        await page.Locator("[data-index='0'] a").FocusAsync();
        await page.Keyboard.PressAsync("End");
        await Browser.Until(page, "document.activeElement.closest('.tile')?.dataset.index === '99999'");

        Assert.InRange(await page.EvaluateAsync<int>("document.documentElement.scrollHeight"), height - 600, height + 600);
        Assert.Equal("100\u202f000 pictures", (await page.Locator("#results [role=status]").InnerTextAsync())[..16]);
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task Filters_change_what_the_wall_shows_and_are_in_the_address()
    {
        await using var browser = await Browser.Start();
        await using var served = await Served.Start(pictures: 30);
        var page = await browser.Page(served.Address);
        await page.GotoAsync("/library");
        var name = await page.Locator(".tile").Nth(4).GetAttributeAsync("data-path");

        await page.Locator("input[type=search]").FillAsync(Path.GetFileName(name!));
        await Assertions.Expect(page.Locator(".tile")).ToHaveCountAsync(1);
        Assert.Contains("text=", page.Url, StringComparison.Ordinal);
        await page.Locator("input[type=search]").FillAsync("");
        await Assertions.Expect(page.Locator(".tile")).ToHaveCountAsync(30);
        await page.Locator("select[name=from]").SelectOptionAsync("90");
        await Assertions.Expect(page.Locator(".tile")).ToHaveCountAsync(3);
        await page.Locator("select[name=filter]").SelectOptionAsync("kept");
        await Assertions.Expect(page.Locator(".tile")).ToHaveCountAsync(0);

        Assert.Equal("No picture passes", await page.Locator("#results h2").InnerTextAsync());
        await page.GoBackAsync();
        await Assertions.Expect(page.Locator(".tile")).ToHaveCountAsync(3);
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task What_is_selected_is_kept_rejected_and_exported()
    {
        await using var browser = await Browser.Start();
        await using var served = await Served.Start(pictures: 30);
        var page = await browser.Page(served.Address);
        await page.GotoAsync("/library");
        var paths = await page.Locator(".tile").EvaluateAllAsync<string[]>("all => all.map(tile => tile.dataset.path)");

        await page.Locator(".tick").Nth(1).ClickAsync(new() { Force = true });
        await page.Locator(".tick").Nth(4).ClickAsync(new() { Force = true, Modifiers = [KeyboardModifier.Shift] });
        var list = await page.RunAndWaitForDownloadAsync(() => page.Locator("[data-act=paths]").ClickAsync());
        await page.Locator("[data-act=keep]").ClickAsync();
        await Assertions.Expect(page.Locator(".verdict.keep")).ToHaveCountAsync(4);
        var table = await page.RunAndWaitForDownloadAsync(() => page.Locator("a[download='images.csv']").ClickAsync());

        Assert.Equal(paths[1..5], await File.ReadAllLinesAsync(await list.PathAsync(), TestContext.Current.CancellationToken));
        Assert.Equal(31, (await File.ReadAllLinesAsync(await table.PathAsync(), TestContext.Current.CancellationToken)).Length);
        await Assertions.Expect(page.Locator("[data-outcome]")).ToContainTextAsync("4 kept");
        Assert.Equal(4, new JudgementLog(served.Workspace.Database).Standing(TasteName.Default).Count(j => j.Verdict.Kind == JudgementKind.Keep));
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task What_is_selected_gets_a_tag_that_the_wall_is_filtered_by()
    {
        await using var browser = await Browser.Start();
        await using var served = await Served.Start(pictures: 20);
        var page = await browser.Page(served.Address);
        await page.GotoAsync("/library");
        await page.Locator(".tick").Nth(2).ClickAsync(new() { Force = true });
        await page.Locator(".tick").Nth(4).ClickAsync(new() { Force = true, Modifiers = [KeyboardModifier.Shift] });

        await page.Keyboard.PressAsync("t");
        await page.Keyboard.TypeAsync("for the wall");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("[data-outcome]")).ToContainTextAsync("3 tagged for the wall");
        Assert.Equal([new("for the wall", 3)], new ImageTags(served.Workspace.Database).All());

        await page.ReloadAsync();
        await page.Locator("select[name=tag]").SelectOptionAsync("for the wall");
        await Assertions.Expect(page.Locator(".tile")).ToHaveCountAsync(3);
        await page.Locator(".tick").First.ClickAsync(new() { Force = true });
        await page.Locator("[data-tagging] input").FillAsync("for the wall");
        await page.Locator("[data-tagging] [name=remove]").ClickAsync();
        await Assertions.Expect(page.Locator("[data-outcome]")).ToContainTextAsync("One untagged");
        await page.ReloadAsync();
        await page.Locator(".tile a").First.ClickAsync();
        await page.Locator(".facts a", new() { HasTextString = "for the wall" }).ClickAsync();
        await Assertions.Expect(page.Locator(".tile")).ToHaveCountAsync(2);
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task The_page_of_an_image_tells_its_scores_its_judgements_and_its_like()
    {
        await using var browser = await Browser.Start();
        await using var served = await Served.Start(pictures: 20);
        var page = await browser.Page(served.Address);
        await page.GotoAsync("/library");

        await page.Locator(".tile a").First.ClickAsync();
        await page.WaitForURLAsync("**/library/*");
        await page.Locator("[data-act=keep]").ClickAsync();
        await Assertions.Expect(page.Locator("[data-outcome]")).ToHaveTextAsync("Kept");
        await page.ReloadAsync();

        await Assertions.Expect(page.Locator(".near img")).ToHaveCountAsync(12);
        await Assertions.Expect(page.Locator(".facts table tbody tr")).ToHaveCountAsync(2);
        await Assertions.Expect(page.Locator(".facts")).ToContainTextAsync("96 × 96, PNG");
        await Assertions.Expect(page.Locator(".facts li").First).ToContainTextAsync("Kept");
        Assert.Equal(96, await page.Locator(".large img").EvaluateAsync<int>("image => image.naturalWidth"));
        Assert.Empty(browser.Troubles);
    }
}
