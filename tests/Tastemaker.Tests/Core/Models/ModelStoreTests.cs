using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Tastemaker.Core.Models;

namespace Tastemaker.Tests.Core.Models;

public sealed class ModelStoreTests : IAsyncLifetime
{
    private static readonly byte[] HeadBytes = TinyModels.LinearHead(768);
    private static readonly byte[] ClipBytes = TinyModels.HuggingFaceClip(768);

    private readonly TempFolder _folder = new();
    private readonly List<ModelStore> _stores = [];
    private LoopbackServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await LoopbackServer.StartAsync();
        _server.Serve("/head.safetensors", HeadBytes);
        _server.Serve("/clip/model.safetensors", ClipBytes);
        _server.Serve("/clip/config.json", "{}"u8.ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        _stores.ForEach(s => s.Dispose());
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public void An_empty_store_lists_nothing_and_makes_no_folder()
    {
        Assert.Empty(Store().List().Models);
        Assert.False(Directory.Exists(_folder["models"]));
    }

    [Fact]
    public void A_pulled_model_is_listed_with_all_that_is_known_of_it()
    {
        var pulled = Pull("head");

        var listed = Assert.Single(Store().List().Models);
        Assert.Equivalent(pulled, listed, strict: true);
        Assert.Equal(("head", ModelKind.Head, "MIT", 6.9), (listed.Name, listed.Kind, listed.Licence, listed.Threshold));
        Assert.Equal(new FeatureSpace("space-768", 768), listed.Space);
        Assert.Equal([new ModelFile("weights.safetensors", HeadBytes.Length, DownloaderTests.HashOf(HeadBytes), Published: true)], listed.Files);
        Assert.Equal(HeadBytes, File.ReadAllBytes(listed.PathOf("weights.safetensors")!));
    }

    [Fact]
    public void A_model_that_is_there_is_not_fetched_again()
    {
        Pull("head");
        _server.Requests.Clear();

        Pull("HEAD");

        Assert.Empty(_server.Requests);
    }

    [Fact]
    public void An_unknown_model_is_answered_with_those_that_are_known() =>
        Assert.Contains("there are clip, head", Assert.Throws<ModelException>(() => Pull("nonsense")).Message, StringComparison.Ordinal);

    [Fact]
    public void Weights_come_from_the_next_address_where_the_first_has_none()
    {
        _server.On("/clip/model.safetensors", NotFound);
        _server.Serve("/clip/pytorch_model.bin", ClipBytes);

        Assert.Equal("weights.bin", Pull("clip").Weights);
    }

    [Fact]
    public void A_model_that_moved_away_says_where_to_look()
    {
        _server.On("/head.safetensors", NotFound);

        var e = Assert.Throws<ModelException>(() => Pull("head"));

        Assert.Contains("was not found (404)", e.Message, StringComparison.Ordinal);
        Assert.Contains("see 'http://home.test/'", e.Message, StringComparison.Ordinal);
        Assert.Empty(Store().List().Models);
    }

    [Fact]
    public void A_broken_pull_is_no_model_and_goes_on_with_the_files_it_has()
    {
        _server.On("/clip/config.json", NotFound);
        Assert.Throws<ModelException>(() => Pull("clip"));
        Assert.Equivalent(new ModelListing([], []), Store().List());
        _server.Serve("/clip/config.json", "{}"u8.ToArray());
        _server.Requests.Clear();

        var model = Pull("clip");

        Assert.Equal(["/clip/config.json"], _server.Requests.Select(r => r.Path));
        Assert.Equal(["config.json", "weights.safetensors"], model.Files.Select(f => f.Name).Order());
        Assert.True(Store().Verify("clip", null, CancellationToken.None).Passed);
    }

    [Fact]
    public void Weights_that_nobody_vouches_for_must_be_of_the_right_kind_and_size()
    {
        _server.Serve("/clip/model.safetensors", TinyModels.HuggingFaceClip(768, layers: 3));

        var e = Assert.Throws<ModelException>(() => Pull("clip"));

        Assert.Contains("is not 'clip' but a CLIP encoder (hugging-face, 768-d, width 8, 3 layers, patch 4)", e.Message, StringComparison.Ordinal);
        Assert.Equal([".locks"], Directory.GetDirectories(_folder["models"]).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Two_pulls_at_once_fetch_a_model_once()
    {
        var isAsked = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        _server.On("/head.safetensors", async context =>
        {
            isAsked.TrySetResult();
            await goOn.Task;
            await context.Response.Body.WriteAsync(HeadBytes);
        });
        ConcurrentQueue<string> notes = [];

        var first = Task.Run(() => Pull("head"), TestContext.Current.CancellationToken);
        await isAsked.Task;
        var second = Task.Run(
            () => Store().Pull("head", new Reports(p => Told(p.Note)), CancellationToken.None), TestContext.Current.CancellationToken);
        var both = await Task.WhenAll(first, second);

        Assert.Equal(both[0].Files, both[1].Files);
        Assert.Single(_server.Requests);
        Assert.Equal("another process is changing 'head'; waiting for it", Assert.Single(notes));

        void Told(string? note)
        {
            if (note is not null)
            {
                notes.Enqueue(note);
                goOn.TrySetResult();
            }
        }
    }

    [Fact]
    public void Verification_finds_changed_shortened_and_missing_files()
    {
        var model = Pull("clip");
        var weights = model.PathOf(model.Weights)!;
        var store = Store();
        Assert.True(Passed());

        var changed = (byte[])ClipBytes.Clone();
        changed[^1] ^= 1;
        File.WriteAllBytes(weights, changed);
        Assert.Equal($"its SHA-256 is {DownloaderTests.HashOf(changed)}; {DownloaderTests.HashOf(ClipBytes)} is recorded", Trouble());

        File.WriteAllBytes(weights, ClipBytes[..^1]);
        Assert.Equal($"it has {ClipBytes.Length - 1} bytes; {ClipBytes.Length} are recorded", Trouble());

        File.Delete(weights);
        Assert.Equal("it is missing", Trouble());

        bool Passed() => store.Verify("clip", null, CancellationToken.None).Passed;
        string? Trouble() => store.Verify("clip", null, CancellationToken.None).Files.Single(f => f.File.Name == model.Weights).Trouble;
    }

    [Fact]
    public void A_removed_model_is_gone_and_can_come_again()
    {
        Pull("head");

        Store().Remove("head", CancellationToken.None);

        Assert.Empty(Store().List().Models);
        Assert.Contains("Fetch it with 'taste models pull head'", Assert.Throws<ModelException>(() => Store().Show("head")).Message, StringComparison.Ordinal);
        Assert.Throws<ModelException>(() => Store().Remove("head", CancellationToken.None));
        Assert.Equal("head", Pull("head").Name);
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("..")]
    [InlineData(".locks")]
    [InlineData("/")]
    public void Nothing_outside_the_store_can_be_removed_or_shown(string name)
    {
        Pull("head");
        Directory.CreateDirectory(_folder["outside"]);

        Assert.Throws<ModelException>(() => Store().Remove(name, CancellationToken.None));
        Assert.Throws<ModelException>(() => Store().Show(name));
        Assert.True(Directory.Exists(_folder["outside"]));
    }

    [Theory]
    [InlineData("""{"name": """, "model.json")]
    [InlineData("null", "it holds 'null'")]
    [InlineData("{}", "model.json")]
    [InlineData(null, "there is none")]
    public void A_damaged_model_is_told_apart_and_can_be_removed(string? card, string why)
    {
        Pull("head");
        Directory.CreateDirectory(_folder["models/broken"]);
        if (card is not null)
        {
            File.WriteAllText(_folder["models/broken/model.json"], card);
        }

        var listing = Store().List();

        Assert.Equal(["head"], listing.Models.Select(m => m.Name));
        Assert.Contains(why, Assert.Single(listing.Damaged).Why, StringComparison.Ordinal);
        Store().Remove("broken", CancellationToken.None);
        Assert.Empty(Store().List().Damaged);
    }

    [Theory]
    [InlineData("\"weights.safetensors\"", "\"../../head/weights.safetensors\"")]
    [InlineData("\"weights\": \"weights.safetensors\"", "\"weights\": \"other\"")]
    [InlineData("\"dimensions\": 768", "\"dimensions\": -1")]
    public void A_description_that_cannot_be_is_damage(string was, string becomes)
    {
        Pull("head");
        var card = _folder["models/head/model.json"];
        var text = File.ReadAllText(card);
        Assert.Contains(was, text, StringComparison.Ordinal);
        File.WriteAllText(card, text.Replace(was, becomes, StringComparison.Ordinal));

        Assert.Single(Store().List().Damaged);
        Assert.Throws<ModelException>(() => Store().Open("head"));
    }

    [Fact]
    public void What_killed_processes_left_is_no_model_and_is_cleared_at_the_next_change()
    {
        foreach (var left in new[] { ".import-a", ".remove-b", ".pull-head" })
        {
            Directory.CreateDirectory(_folder[$"models/{left}"]);
            File.WriteAllText(_folder[$"models/{left}/weights.safetensors.part"], "part");
        }

        Assert.Equivalent(new ModelListing([], []), Store().List());
        Pull("head");

        Assert.Equal([".locks", "head"], Directory.GetDirectories(_folder["models"]).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_another_process_is_putting_together_is_left_alone()
    {
        Directory.CreateDirectory(_folder["models/.import-a"]);
        using var other = StoreLock.TryTake(_folder["models/.locks/a"]);

        Pull("head");

        Assert.True(Directory.Exists(_folder["models/.import-a"]));
    }

    [Fact]
    public void An_opened_model_gives_its_tensors()
    {
        Pull("head");

        using var open = Store().Open("head");

        Assert.Equal(["bias", "weight"], open.Checkpoint.Tensors.Keys.Order());
        Assert.Equal(1, open.Checkpoint.Floats("weight")[0]);
    }

    [Fact]
    public void Cancellation_ends_a_wait_for_another_process()
    {
        using var other = StoreLock.TryTake(_folder["models/.locks/head"]);
        using var cancel = new CancellationTokenSource();

        Assert.ThrowsAny<OperationCanceledException>(() => Store().Pull("head", new Reports(_ => cancel.Cancel()), cancel.Token));
    }

    private static Task NotFound(HttpContext context)
    {
        context.Response.StatusCode = 404;
        return Task.CompletedTask;
    }

    private Model Pull(string name) => Store().Pull(name, null, CancellationToken.None);

    private ModelStore Store()
    {
        var head = new KnownFile("weights", [_server.Address("/head.safetensors")]) { Size = HeadBytes.Length, Sha256 = DownloaderTests.HashOf(HeadBytes) };
        var clip = new KnownFile("weights", [_server.Address("/clip/model.safetensors"), _server.Address("/clip/pytorch_model.bin")]);
        var config = new KnownFile("config.json", [_server.Address("/clip/config.json")]);
        var manifest = new ModelManifest(
            [new("space-768", 768, [], new(Width: 8, Layers: 2, Patch: 4, Positions: 5), [])],
            [
                new("clip", ModelKind.Encoder, "space-768", "A tiny encoder.", "MIT", "http://home.test/", "hugging-face", [clip, config]),
                new("head", ModelKind.Head, "space-768", "A tiny head.", "MIT", "http://home.test/", "linear", [head]) { Threshold = 6.9 },
            ]);
        var store = new ModelStore(
            _folder["models"], manifest, TimeProvider.System, DownloaderTests.Handler, new() { Tries = 2, Pause = TimeSpan.FromMilliseconds(1) });
        _stores.Add(store);
        return store;
    }
}
