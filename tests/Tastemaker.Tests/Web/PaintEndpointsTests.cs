using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tastemaker.Core.Imaging.Generation;
using Tastemaker.Core.Library;
using Tastemaker.Core.Painting;
using Tastemaker.Core.Painting.Aesthetics;
using Tastemaker.Nets.Weights;
using Tastemaker.Tests.Cli;
using Tastemaker.Tests.Core.Painting;

namespace Tastemaker.Tests.Web;

public sealed class PaintEndpointsTests : IDisposable
{
    private readonly TestStudio _studio = new();
    private readonly TinyCheckpoint _checkpoint = new();

    private string Painted => Path.Combine(_studio.Studio.Root, "painted");

    private string[] Files => Directory.Exists(Painted) ? [.. Directory.GetFiles(Painted, "*.png").Order(StringComparer.Ordinal)] : [];

    public void Dispose()
    {
        _studio.Dispose();
        _checkpoint.Dispose();
    }

    [Fact]
    public async Task What_is_asked_for_is_painted_enters_the_studio_and_is_ranked()
    {
        await using var server = await TestServer.Painting(_studio, _checkpoint);

        var asked = await server.Post("/api/paint", new
        {
            prompt = "a cat, (by the sea:1.2)", negative = "bad", seed = 5, width = 16, height = 12, steps = 3, sampler = "euler_a", cfg = 5.5, clipSkip = 2, noise = "cpu", count = 2,
        });
        Assert.Equal((2, 5UL), (asked.GetProperty("pictures").GetInt32(), asked.GetProperty("seed").GetUInt64()));
        await Done(server, pictures: 2);

        var made = Files.Select(file => GenerationInfo.Of(file)!).ToList();
        Assert.Equal([5UL, 6UL], made.Select(info => info.Seed));
        Assert.Equal(("a cat, (by the sea:1.2)", "bad", 3, "Euler a", 5.5, 16, 12, "tiny"),
            (made[0].Prompt, made[0].NegativePrompt, made[0].Steps, made[0].Sampler, made[0].CfgScale, made[0].Width, made[0].Height, made[0].Model));
        var images = await server.Until($"/api/images?folder={Uri.EscapeDataString(Painted)}", answer => Listed(answer).TrueForAll(image => image.GetProperty("mean").ValueKind == JsonValueKind.Number));
        Assert.Equal(Files, Listed(images).Select(image => image.GetProperty("path").GetString()!).Order(StringComparer.Ordinal));
        using var preview = await server.Client.GetAsync("/api/paint/preview", TestContext.Current.CancellationToken);
        Assert.Equal("image/png", preview.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task More_like_a_picture_has_its_settings_and_another_seed()
    {
        await using var server = await TestServer.Painting(_studio, _checkpoint);
        await server.Post("/api/paint", new { prompt = "a dog", negative = "bad", seed = 1, width = 16, height = 12, steps = 4, sampler = "DDIM", eta = 0.5, cfg = 3, clipSkip = 2, noise = "cpu" });
        await Done(server, pictures: 1);
        var first = Listed(await server.Get("/api/images")).Single().GetProperty("image").GetString();

        var again = await server.Post("/api/paint", new { like = first, count = 2 });
        await Done(server, pictures: 3);
        var other = await server.Post("/api/paint", new { like = first, prompt = "a cat", seed = 1 });
        await Done(server, pictures: 4);

        var made = Files.Select(file => GenerationInfo.Of(file)!).ToList();
        Assert.Equal([1UL, again.GetProperty("seed").GetUInt64(), again.GetProperty("seed").GetUInt64() + 1, 1UL], made.Select(info => info.Seed));
        var settings = made.Select(info => PaintInfotext.Read(info) with { Seed = 0 }).ToList();
        Assert.Equal([settings[0], settings[0], settings[0] with { Prompt = "a cat" }], settings[1..]);
        Assert.Equal(1UL, other.GetProperty("seed").GetUInt64());
    }

    [Fact]
    public async Task A_prompt_is_drawn_towards_an_aesthetic_and_so_is_more_like_it()
    {
        await _studio.Output("models", "import", Path.Combine(Goldens.Own, "aesthetic_gradients/clip"), "--name", "clip");
        await Import(seed: 1, "soft");
        await using var server = await TestServer.Painting(_studio, _checkpoint);
        await server.Post("/api/paint", new { prompt = "a cat", seed = 1, width = 16, height = 12, steps = 2, aesthetic = "soft", aestheticSteps = 2 });
        await Done(server, pictures: 1);
        var drawn = Listed(await server.Get("/api/images")).Single().GetProperty("image").GetString();
        await server.Post("/api/paint", new { like = drawn, seed = 2 });
        await Done(server, pictures: 2);
        await server.Post("/api/paint", new { like = drawn, seed = 3, aesthetic = "" });
        await Done(server, pictures: 3);

        var plans = Files.Select(file => PaintInfotext.ReadAesthetic(GenerationInfo.Of(file)!)).ToList();
        var plan = new AestheticPlan("soft", IsFile: false, AestheticSettings.Default with { Steps = 2 }) { Hash = plans[0]!.Hash };
        Assert.Equal([plan, plan, null], plans);

        await Import(seed: 2, "soft", "--replace");
        var (status, problem, _) = await server.Send(HttpMethod.Post, "/api/paint", JsonContent.Create(new { like = drawn }));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains($"; the one with {plan.Hash} is wanted.", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        var page = await server.Client.GetStringAsync($"/paint?like={drawn}", TestContext.Current.CancellationToken);
        Assert.Contains($"; the one with {plan.Hash} is wanted.", WebUtility.HtmlDecode(page), StringComparison.Ordinal);
        await server.Post("/api/paint", new { like = drawn, seed = 4, aesthetic = "soft" });
        await Done(server, pictures: 4);
        Assert.NotEqual(plan.Hash, PaintInfotext.ReadAesthetic(GenerationInfo.Of(Files[3])!)!.Hash);
    }

    [Fact]
    public async Task Another_aesthetic_needs_no_other_checkpoint_than_the_one_that_is_open()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows lets no file go away that is open.");
        await _studio.Output("models", "import", Path.Combine(Goldens.Own, "aesthetic_gradients/clip"), "--name", "clip");
        await Import(seed: 1, "soft");
        await Import(seed: 2, "hard");
        await using var server = await TestServer.Painting(_studio, _checkpoint);
        await server.Post("/api/paint", new { prompt = "a cat", seed = 1, width = 16, height = 12, steps = 2 });
        await Done(server, pictures: 1);

        File.Delete(_checkpoint.Path);
        foreach (var (place, aesthetic) in new[] { "soft", "hard", "" }.Index())
        {
            await server.Post("/api/paint", new { prompt = "a cat", seed = 1, width = 16, height = 12, steps = 2, aesthetic, aestheticSteps = 2 });
            await Done(server, pictures: place + 2);
        }

        Assert.Equal([null, "soft", "hard", null], Files.Select(file => PaintInfotext.ReadAesthetic(GenerationInfo.Of(file)!)?.Name));
        Assert.Equal(3, Files.Select(file => Convert.ToHexString(Tastemaker.Core.Imaging.ImageDecoder.Decode(file, cancel: TestContext.Current.CancellationToken).Pixels)).Distinct().Count());
    }

    [Theory]
    [InlineData("""{}""", "there is no 'prompt'")]
    [InlineData("""{"prompt":"a","width":15}""", "a width of 15 pixels is asked for")]
    [InlineData("""{"prompt":"a","height":1073741824}""", "a height of 1073741824 pixels is asked for")]
    [InlineData("""{"prompt":"a","steps":0}""", "0 steps are asked for")]
    [InlineData("""{"prompt":"a","steps":2000000000}""", "2000000000 steps are asked for")]
    [InlineData("""{"prompt":"a","cfg":1e300}""", "guidance")]
    [InlineData("""{"prompt":"a","sampler":"magic"}""", "there is no sampler 'magic'")]
    [InlineData("""{"prompt":"a","sampler":"Euler","eta":0.5}""", "eta 0.5")]
    [InlineData("""{"prompt":"a","clipSkip":3}""", "clip skip 3 is asked for; 1 to 2 is wanted.")]
    [InlineData("""{"prompt":"a","aesthetic":"laion"}""", "no aesthetic 'laion' is in the studio")]
    [InlineData("""{"prompt":"a","noise":"tpu"}""", "'noise' is 'gpu' or 'cpu', not 'tpu'")]
    [InlineData("""{"prompt":"a","seed":-2}""", "'seed' -2 is none")]
    [InlineData("""{"prompt":"a","count":0}""", "'count' 0")]
    [InlineData("""{"prompt":"a","count":101}""", "'count' 101")]
    public async Task What_cannot_be_painted_is_refused_and_not_queued(string body, string part)
    {
        await using var server = await TestServer.Painting(_studio, _checkpoint);

        var (status, problem, _) = await server.Send(HttpMethod.Post, "/api/paint", Json(body));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains(part, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Empty(Waiting(await server.Get("/api/paint")));
    }

    [Fact]
    public async Task A_prompt_that_is_too_long_a_body_that_is_none_and_an_image_that_is_not_there_are_refused()
    {
        await using var server = await TestServer.Painting(_studio, _checkpoint);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await server.Send(HttpMethod.Post, "/api/paint", JsonContent.Create(new { prompt = new string('a', 20_000) }))).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await server.Send(HttpMethod.Post, "/api/paint", JsonContent.Create(new { prompt = new string('a', 2_000_000) }))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Send(HttpMethod.Post, "/api/paint", Json("""{"prompt":"a","seed":1e40}"""))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Send(HttpMethod.Post, "/api/paint", JsonContent.Create(new { like = new string('0', 64) }))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await server.Send(HttpMethod.Post, "/api/paint", Json("""{"prompt":"a"}"""), ("Sec-Fetch-Site", "cross-site"))).Status);
        Assert.Empty(Waiting(await server.Get("/api/paint")));
    }

    [Fact]
    public async Task Without_a_checkpoint_nothing_is_queued_and_the_answer_says_how()
    {
        await using var server = await TestServer.Start(_studio);

        var (status, problem, _) = await server.Send(HttpMethod.Post, "/api/paint", Json("""{"prompt":"a cat"}"""));

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("'--checkpoint PATH'", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, (await server.Get("/api/paint")).GetProperty("checkpoint").ValueKind);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Send(HttpMethod.Get, "/api/paint/preview")).Status);
    }

    [Fact]
    public async Task A_run_is_cancelled_while_it_is_painted_and_while_it_waits_and_the_next_is_painted()
    {
        await using var server = await TestServer.Painting(_studio, _checkpoint);
        var endless = (await server.Post("/api/paint", new { prompt = "endless", width = 64, height = 64, sampler = "DDIM", steps = 900, count = 100 })).GetProperty("run").GetInt64();
        var second = (await server.Post("/api/paint", new { prompt = "waits", width = 16, height = 16, steps = 2 })).GetProperty("run").GetInt64();
        await server.Post("/api/paint", new { prompt = "comes", width = 16, height = 16, steps = 2, seed = 3 });
        var now = (await server.Until("/api/paint", answer => Now(answer) is { ValueKind: JsonValueKind.Object } n && n.GetProperty("step").GetInt32() > 1)).GetProperty("now");
        Assert.Equal((endless, "endless", 1, 100, 900), (now.GetProperty("run").GetInt64(), now.GetProperty("prompt").GetString(),
            now.GetProperty("picture").GetInt32(), now.GetProperty("pictures").GetInt32(), now.GetProperty("steps").GetInt32()));
        Assert.True(now.GetProperty("secondsLeft").GetDouble() > 0);

        Assert.Equal(1, (await server.Delete($"/api/paint/{second}")).GetProperty("spared").GetInt32());
        Assert.InRange((await server.Delete($"/api/paint/{endless}")).GetProperty("spared").GetInt32(), 1, 100);

        await server.Until("/api/paint", answer => Now(answer).ValueKind == JsonValueKind.Null && Waiting(answer).Count == 0);
        Assert.Contains(Files, file => GenerationInfo.Of(file)!.Prompt == "comes");
        Assert.DoesNotContain(Files, file => GenerationInfo.Of(file)!.Prompt == "waits");
        Assert.Equal(HttpStatusCode.NotFound, (await server.Send(HttpMethod.Delete, $"/api/paint/{second}")).Status);
    }

    [Fact]
    public async Task A_server_goes_on_where_the_last_one_stopped_and_paints_what_the_command_line_queued()
    {
        const int Pictures = 12;
        await using (var server = await TestServer.Painting(_studio, _checkpoint))
        {
            await server.Post("/api/paint", new { prompt = "a cat", seed = 1, width = 40, height = 40, steps = 10, count = Pictures });
            await server.Until("/api/paint", answer => answer.GetProperty("finished").GetInt32() > 0);
        }

        Assert.InRange(Files.Length, 1, Pictures - 1);
        await _studio.Output("paint", "a dog", "--checkpoint", _checkpoint.Path, "--device", "cpu", "--out", _studio["elsewhere"],
            "--width", "16", "--height", "16", "--steps", "2", "--seed", "7", "--model", "plain", "--queue");
        await using (var server = await TestServer.Painting(_studio, _checkpoint))
        {
            await server.Until("/api/paint", answer => Now(answer).ValueKind == JsonValueKind.Null && Waiting(answer).Count == 0);
            Assert.Equal(Enumerable.Range(1, Pictures), Files.Select(file => (int)GenerationInfo.Of(file)!.Seed!).Order());
            Assert.Single(Directory.GetFiles(_studio["elsewhere"]));
            var all = await server.Until("/api/images", answer => answer.GetProperty("total").GetInt32() == Pictures + 1);
            Assert.Equal(Pictures + 1, Listed(all).Count);
        }
    }

    [Fact]
    public async Task A_run_that_fails_says_why_keeps_its_place_and_can_be_tried_again()
    {
        Directory.CreateDirectory(_studio.Studio.Root);
        await File.WriteAllTextAsync(Painted, "in the way", TestContext.Current.CancellationToken);
        await using var server = await TestServer.Painting(_studio, _checkpoint);
        var run = (await server.Post("/api/paint", new { prompt = "a cat", width = 16, height = 16, steps = 2 })).GetProperty("run").GetInt64();

        var failed = Waiting(await server.Until("/api/paint", answer => Waiting(answer).Exists(IsFailed))).Single();
        Assert.Contains("painted", failed.GetProperty("trouble").GetString(), StringComparison.Ordinal);
        File.Delete(Painted);
        Assert.Equal(HttpStatusCode.NoContent, (await server.Send(HttpMethod.Post, $"/api/paint/{run}/retry")).Status);

        await Done(server, pictures: 1);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Send(HttpMethod.Post, $"/api/paint/{run}/retry")).Status);
    }

    [Fact]
    public async Task A_network_that_overflows_is_told_and_other_runs_are_painted()
    {
        using var damaged = TinyCheckpoint.Filled(TinyCheckpoint.LastOfDecoder, float.MaxValue);
        await _studio.Output("paint", "a dog", "--checkpoint", damaged.Path, "--device", "cpu", "--width", "16", "--height", "16", "--steps", "2", "--out", _studio["out"], "--queue");
        await using var server = await TestServer.Painting(_studio, _checkpoint);
        await server.Post("/api/paint", new { prompt = "a cat", width = 16, height = 16, steps = 2 });

        await server.Until("/api/paint", answer => answer.GetProperty("finished").GetInt32() == 1);
        var failed = Waiting(await server.Get("/api/paint")).Single(IsFailed);

        Assert.StartsWith("the VAE's decoder made NaN or infinity", failed.GetProperty("trouble").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, (await server.Delete($"/api/paint/{failed.GetProperty("run").GetInt64()}")).GetProperty("spared").GetInt32());
        Assert.Empty(Waiting(await server.Get("/api/paint")));
    }

    [Fact]
    public async Task A_run_that_another_process_paints_is_left_to_it()
    {
        await using var server = await TestServer.Painting(_studio, _checkpoint);
        using var database = StudioDatabase.Open(_studio.Studio, TimeProvider.System);
        var backlog = new PaintBacklog(database, _studio.Studio);
        await server.Post("/api/paint", new { prompt = "endless", width = 64, height = 64, steps = 900, count = 100 });
        var run = (await server.Post("/api/paint", new { prompt = "theirs", width = 16, height = 16, steps = 2 })).GetProperty("run").GetInt64();

        using (backlog.Take(run))
        {
            var (status, problem, _) = await server.Send(HttpMethod.Delete, $"/api/paint/{run}");
            Assert.Equal(HttpStatusCode.Conflict, status);
            Assert.Contains("another process paints run", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.Conflict, (await server.Send(HttpMethod.Post, $"/api/paint/{run}/retry")).Status);
        Assert.Equal(1, (await server.Delete($"/api/paint/{run}")).GetProperty("spared").GetInt32());
    }

    private Task<string> Import(int seed, string name, params string[] options)
    {
        var file = _studio[$"{seed}.safetensors"];
        using (var stream = File.Create(file))
        {
            SafeTensors.Write(stream, [TensorData.Of("e", new(24), Enumerable.Range(0, 24).Select(i => MathF.Sin((i * seed) + 1)).ToArray().AsSpan())]);
        }

        return _studio.Output(["aesthetic", "import", file, "--name", name, .. options]);
    }

    private static Task<JsonElement> Done(TestServer server, int pictures) => server.Until("/api/paint", answer =>
        answer.GetProperty("finished").GetInt32() == pictures && Now(answer).ValueKind == JsonValueKind.Null && Waiting(answer).Count == 0);

    private static JsonElement Now(JsonElement answer) => answer.GetProperty("now");

    private static List<JsonElement> Waiting(JsonElement answer) => [.. answer.GetProperty("waiting").EnumerateArray()];

    private static bool IsFailed(JsonElement run) => run.GetProperty("trouble").ValueKind == JsonValueKind.String;

    private static List<JsonElement> Listed(JsonElement answer) => [.. answer.GetProperty("images").EnumerateArray()];

    private static StringContent Json(string body) => new(body, System.Text.Encoding.UTF8, "application/json");
}
