using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Library;
using Tastemaker.Tests.Cli;

namespace Tastemaker.Tests.Web;

/// <summary>A person played by a program that speaks only HTTP.</summary>
public sealed class TasteEndpointsTests : IDisposable
{
    private const int Pictures = 8;

    private readonly TestStudio _studio = new();

    public void Dispose() => _studio.Dispose();

    [Fact]
    public async Task A_program_goes_from_an_empty_studio_to_a_ranking_over_HTTP_alone()
    {
        const int Choices = 60;
        await using var server = await TestServer.Over(_studio, Pictures);
        Assert.Empty((await server.Get("/api/tastes")).EnumerateArray());

        for (var i = 1; i <= Choices; i++)
        {
            var pair = await server.Get("/api/tastes/mine/pair");
            var (left, right) = (Path(pair.GetProperty("left")), Path(pair.GetProperty("right")));
            Assert.NotEqual(left, right);
            var winner = string.CompareOrdinal(left, right) < 0 ? "left" : "right";
            var standing = await server.Post("/api/tastes/mine/choices", new { pair = Text(pair, "pair"), winner, milliseconds = 900 });
            Assert.Equal(i, standing.GetProperty("choices").GetInt32());
            Assert.InRange(standing.GetProperty("expected").GetDouble(), 0, 1);
        }

        var ranking = (await server.Get("/api/tastes/mine/ranking?limit=1000")).EnumerateArray().ToList();
        Assert.Equal(Pictures, ranking.Select(r => Text(r, "image")).Distinct().Count());
        Assert.Equal(ranking.Select(r => r.GetProperty("mean").GetDouble()).OrderDescending(), ranking.Select(r => r.GetProperty("mean").GetDouble()));
        Assert.Equal(ranking[2..5].Select(r => Text(r, "path")), (await server.Get("/api/tastes/mine/ranking?offset=2&limit=3")).EnumerateArray().Select(Path));
        var taste = Assert.Single((await server.Get("/api/tastes")).EnumerateArray());
        Assert.Equal(("mine", Choices), (Text(taste, "taste"), taste.GetProperty("judgements").GetInt32()));
        var stats = await server.Get("/api/tastes/mine/stats");
        Assert.Equal((Choices, Pictures), (stats.GetProperty("choices").GetInt32(), stats.GetProperty("judged").GetInt32()));
    }

    [Fact]
    public async Task Every_kind_of_judgement_is_kept_and_taken_back_in_turn()
    {
        await using var server = await TestServer.Over(_studio, Pictures);
        var images = (await server.Get("/api/images?sort=name")).GetProperty("images").EnumerateArray().Select(i => Text(i, "image")).ToList();

        foreach (var winner in new object[] { "draw", "skip", 1, "right" })
        {
            await server.Post("/api/tastes/mine/choices", new { pair = Text(await server.Get("/api/tastes/mine/pair"), "pair"), winner });
        }

        var four = await server.Get("/api/tastes/mine/pair?images=4");
        Assert.Equal(4, four.GetProperty("images").EnumerateArray().Select(Path).Distinct().Count());
        await server.Post("/api/tastes/mine/choices", new { pair = Text(four, "pair"), winner = 3 });
        await server.Post("/api/tastes/mine/ratings", new { image = images[0], value = 4.5, scale = "1-5" });
        await server.Post("/api/tastes/mine/picks", new { image = images[1], verdict = "keep" });
        await server.Post("/api/tastes/mine/picks", new { images = images[2..5], verdict = "reject" });

        Assert.Equal(["choice", "choice", "choice", "choice", "choice", "draw", "keep", "rating", "reject", "reject", "reject", "skip"], Standing());
        Assert.Equal([images[1]], await Listed(server, "kept"));
        Assert.Equal(images[2..5], await Listed(server, "rejected"));

        Assert.Equal(3, (await server.Delete("/api/tastes/mine/choices/last")).GetProperty("undone").GetInt32());
        Assert.Empty(await Listed(server, "rejected"));
        foreach (var undone in new[] { 1, 1, 3, 1, 1, 1, 1 })
        {
            Assert.Equal(undone, (await server.Delete("/api/tastes/mine/choices/last")).GetProperty("undone").GetInt32());
        }

        Assert.Empty(Standing());
        var (status, problem, _) = await server.Send(HttpMethod.Delete, "/api/tastes/mine/choices/last");
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("nothing that 'me' judged", Text(problem, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_clients_and_a_scoring_at_once_lose_nothing()
    {
        const int Each = 40, More = 12;
        await using var server = await TestServer.Over(_studio, Pictures);
        for (var i = 0; i < More; i++)
        {
            _studio.Folder.Write($"more/{i:D3}.png", TestServer.Picture(1000 + i));
        }

        var scoring = Task.Run(() => _studio.Output("score", _studio["more"]), TestContext.Current.CancellationToken);
        await Task.WhenAll(Judge("anna"), Judge("bert"), scoring);

        Assert.Equal(More, Row.Parse(await scoring).Count);
        await server.Until(health => TestServer.Described(health) == Pictures + More);
        while ((await server.Get("/api/tastes/mine/ranking?limit=1000")).GetArrayLength() < Pictures + More)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Equal(2 * Each, Standing().Count);
        var raters = (await server.Get("/api/tastes/mine/stats")).GetProperty("raters").EnumerateArray().ToDictionary(r => Text(r, "rater"), r => r.GetProperty("judgements").GetInt32());
        Assert.Equal(new() { ["anna"] = Each, ["bert"] = Each }, raters);

        async Task Judge(string rater)
        {
            for (var i = 0; i < Each; i++)
            {
                var pair = await server.Get("/api/tastes/mine/pair");
                await server.Post("/api/tastes/mine/choices", new { pair = Text(pair, "pair"), winner = "left", rater });
            }
        }
    }

    [Fact]
    public async Task A_place_that_was_not_shown_cannot_win_and_the_pair_stays_open()
    {
        await using var server = await TestServer.Over(_studio, 3);
        var pair = Text(await server.Get("/api/tastes/mine/pair"), "pair");

        var (status, problem, _) = await server.Send(HttpMethod.Post, "/api/tastes/mine/choices", JsonContent.Create(new { pair, winner = 4 }));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("place 4 cannot win: 2 images were shown", Text(problem, "detail"), StringComparison.Ordinal);

        Assert.Equal(1, (await server.Post("/api/tastes/mine/choices", new { pair, winner = 2 })).GetProperty("choices").GetInt32());
    }

    [Fact]
    public async Task An_upload_that_is_not_kept_is_placed_by_the_taste()
    {
        await using var server = await TestServer.Over(_studio, Pictures);
        using var form = new MultipartFormDataContent { { new ByteArrayContent(TestServer.Picture(500)), "file", "other.png" } };

        using var answer = await server.Client.PostAsync("/api/score", form, TestContext.Current.CancellationToken);
        var scored = Assert.Single((await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("images").EnumerateArray());

        Assert.InRange(scored.GetProperty("taste").GetProperty("percentile").GetDouble(), 0, 100);
        Assert.InRange(scored.GetProperty("taste").GetProperty("deviation").GetDouble(), 0.1, 10);
        Assert.Equal(Pictures, _studio.Count().Images);
    }

    [Fact]
    public async Task A_pair_with_a_vanished_file_is_not_offered()
    {
        await using var server = await TestServer.Over(_studio, 3);
        File.Delete(_studio["pictures/001.png"]);

        for (var i = 0; i < 10; i++)
        {
            var pair = await server.Get("/api/tastes/mine/pair");
            Assert.DoesNotContain(pair.GetProperty("images").EnumerateArray(), image => Path(image).EndsWith("001.png", StringComparison.Ordinal));
        }

        File.Delete(_studio["pictures/002.png"]);
        var (status, problem, _) = await server.Send(HttpMethod.Get, "/api/tastes/mine/pair");
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("gone or changed", Text(problem, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taste_without_images_or_with_one_says_what_it_needs()
    {
        await using var server = await TestServer.Over(_studio, 1);

        var (status, problem, _) = await server.Send(HttpMethod.Get, "/api/tastes/mine/pair");

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("needs 2 images", Text(problem, "detail"), StringComparison.Ordinal);
        Assert.Equal(0, (await server.Get("/api/tastes/mine/stats")).GetProperty("choices").GetInt32());
        Assert.Single((await server.Get("/api/tastes/mine/ranking")).EnumerateArray());
    }

    [Theory]
    [InlineData("GET", "pair?images=5", null, 400, "'images' is 5; 2 to 4 was wanted")]
    [InlineData("GET", "pair?images=two", null, 400, "images")]
    [InlineData("GET", "pair?from=50&to=10", null, 400, "'to' is 10; 50 to 100 was wanted")]
    [InlineData("GET", "pair?explore=NaN", null, 400, "'explore' is NaN")]
    [InlineData("GET", "ranking?limit=1001", null, 400, "'limit' is 1001")]
    [InlineData("GET", "ranking?offset=-1", null, 400, "'offset' is -1")]
    [InlineData("POST", "choices", "{", 400, "not the JSON")]
    [InlineData("POST", "choices", "{\"pair\":\"x\"}", 400, "winner")]
    [InlineData("POST", "choices", "{\"pair\":\"x\",\"winner\":\"both\"}", 400, "'winner' is 'left', 'right', 'draw', 'skip'")]
    [InlineData("POST", "choices", "{\"pair\":\"x\",\"winner\":5}", 400, "1 to 4")]
    [InlineData("POST", "choices", "{\"pair\":null,\"winner\":1}", 400, "pair")]
    [InlineData("POST", "choices", "{\"pair\":\"x\",\"winner\":\"left\"}", 409, "the pair 'x' is not open")]
    [InlineData("POST", "choices", "{\"pair\":\"x\",\"winner\":\"left\",\"milliseconds\":-1}", 422, "'milliseconds' -1 is no duration")]
    [InlineData("POST", "choices", "{\"pair\":\"x\",\"winner\":\"left\",\"rater\":\"a/b\"}", 422, "'a/b' cannot name a rater")]
    [InlineData("POST", "ratings", "{\"image\":\"x\",\"value\":1,\"scale\":\"1-5\"}", 404, "no image 'x' is in the studio")]
    [InlineData("POST", "ratings", "{\"image\":\"x\",\"value\":1e999,\"scale\":\"1-5\"}", 422, "is no rating")]
    [InlineData("POST", "ratings", "{\"image\":\"x\",\"value\":1,\"scale\":\"\"}", 422, "cannot name a scale")]
    [InlineData("POST", "picks", "{\"image\":\"x\",\"verdict\":\"maybe\"}", 422, "'verdict' is 'keep' or 'reject', not 'maybe'")]
    [InlineData("POST", "picks", "{\"verdict\":\"keep\"}", 422, "0 images were named")]
    [InlineData("PUT", "choices", "{}", 405, "PUT is not possible")]
    [InlineData("GET", "nothing", null, 404, "nothing is at '/api/tastes/mine/nothing'")]
    public async Task A_request_that_is_not_as_it_must_be_is_told_so(string method, string path, string? body, int status, string part)
    {
        await using var server = await TestServer.Start(_studio);

        var (code, problem, _) = await server.Send(new(method), $"/api/tastes/mine/{path}", body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal(status, (int)code);
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Contains(part, Text(problem, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_of_another_type_or_too_long_is_refused()
    {
        await using var server = await TestServer.Start(_studio);

        var (form, told, _) = await server.Send(HttpMethod.Post, "/api/tastes/mine/choices", new FormUrlEncodedContent([new("pair", "x")]));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, form);
        Assert.Contains("application/", Text(told, "detail"), StringComparison.Ordinal);

        var (huge, problem, _) = await server.Send(HttpMethod.Post, "/api/tastes/mine/choices", new StringContent($"{{\"pair\":\"{new string('x', 2 << 20)}\"}}", Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, huge);
        Assert.Contains("1048576 bytes", Text(problem, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_that_cannot_be_a_tastes_are_refused_however_long()
    {
        await using var server = await TestServer.Start(_studio);

        var (status, problem, _) = await server.Send(HttpMethod.Get, "/api/tastes/..%2Fmine/stats");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("cannot name a taste", Text(problem, "detail"), StringComparison.Ordinal);

        var (longer, _, _) = await server.Send(HttpMethod.Get, $"/api/tastes/{new string('a', 5000)}/stats");
        Assert.Equal(HttpStatusCode.BadRequest, longer);

        var (longest, _, _) = await server.Send(HttpMethod.Get, $"/api/tastes/{new string('a', 1 << 20)}/stats");
        Assert.Equal(HttpStatusCode.RequestUriTooLong, longest);
    }

    [Fact]
    public Task A_kill_during_rapid_choices_loses_none_that_was_acknowledged() => Kill(after: 200);

    /// <summary>The same for as long as a person takes for a whole collection.</summary>
    [Fact(Explicit = true)]
    public Task A_kill_after_two_thousand_rapid_choices_loses_none_that_was_acknowledged() => Kill(after: 2000);

    private async Task Kill(int after)
    {
        var cancel = TestContext.Current.CancellationToken;
        await using (await TestServer.Over(_studio, Pictures))
        {
        }

        using var program = Taste.Start("--studio", _studio.Studio.Root, "serve", "--port", "0");
        using var client = new HttpClient { BaseAddress = new((await program.StandardOutput.ReadLineAsync(cancel))!) };
        var (acknowledged, number) = (new ConcurrentBag<int>(), 0);
        var people = Enumerable.Range(0, 2).Select(_ => Judge()).ToList();
        while (acknowledged.Count < after && !people.All(person => person.IsCompleted))
        {
            await Task.Delay(5, cancel);
        }

        program.Kill();
        await program.WaitForExitAsync(cancel);
        await Task.WhenAll(people);

        Assert.InRange(acknowledged.Count, after, int.MaxValue);
        using var database = StudioDatabase.Open(_studio.Studio, TimeProvider.System);
        Assert.Empty(database.Check());
        var kept = new JudgementLog(database).Standing("mine").Select(j => j.Origin.Milliseconds!.Value).ToList();
        Assert.Empty(acknowledged.Except(kept));
        Assert.InRange(kept.Count, acknowledged.Count, acknowledged.Count + people.Count);

        // Each choice has a number of its own, which it carries as its duration.
        async Task Judge()
        {
            try
            {
                while (true)
                {
                    var pair = await client.GetFromJsonAsync<JsonElement>("/api/tastes/mine/pair", cancel);
                    var mine = Interlocked.Increment(ref number);
                    using var answer = await client.PostAsJsonAsync("/api/tastes/mine/choices", new { pair = Text(pair, "pair"), winner = "left", milliseconds = mine }, cancel);
                    answer.EnsureSuccessStatusCode();
                    acknowledged.Add(mine);
                }
            }
            catch (HttpRequestException)
            {
            }
        }
    }

    [Fact]
    public async Task Images_bear_tags_until_they_are_taken_off()
    {
        await using var server = await TestServer.Over(_studio, 4);
        var images = (await server.Get("/api/images?sort=name")).GetProperty("images").EnumerateArray().Select(i => Text(i, "image")).ToList();

        Assert.Equal(3, (await server.Post("/api/tags", new { tag = "sea", images = images[..3] })).GetProperty("changed").GetInt32());
        Assert.Equal(1, (await server.Post("/api/tags", new { tag = "sea", images = images[..1], remove = true })).GetProperty("changed").GetInt32());

        Assert.Equal(images[1..3], (await server.Get("/api/images?sort=name&tag=sea")).GetProperty("images").EnumerateArray().Select(i => Text(i, "image")));
        Assert.Equal("sea", (await server.Get($"/api/images/{images[2]}")).GetProperty("tags")[0].GetString());
        Assert.Equal(2, Assert.Single((await server.Get("/api/tags")).EnumerateArray()).GetProperty("images").GetInt32());
    }

    private List<string> Standing()
    {
        using var database = StudioDatabase.Open(_studio.Studio, TimeProvider.System);
        return [.. new JudgementLog(database).Standing("mine").Select(j => $"{j.Verdict.Kind}".ToLowerInvariant()).Order(StringComparer.Ordinal)];
    }

    private static async Task<List<string>> Listed(TestServer server, string filter) =>
        [.. (await server.Get($"/api/images?sort=name&filter={filter}")).GetProperty("images").EnumerateArray().Select(i => Text(i, "image"))];

    private static string Path(JsonElement image) => Text(image, "path");

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
