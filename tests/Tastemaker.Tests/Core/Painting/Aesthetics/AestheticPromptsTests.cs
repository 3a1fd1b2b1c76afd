using Tastemaker.Core.Benchmarks;
using Tastemaker.Core.Models;
using Tastemaker.Core.Painting.Aesthetics;
using Tastemaker.Core.Painting.Diffusion;
using Tastemaker.Nets.Clip;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.StableDiffusion;

namespace Tastemaker.Tests.Core.Painting.Aesthetics;

/// <summary>Prompts read through a drawn encoder: a tiny checkpoint, and the tiny CLIP of the goldens as the one that it was made from.</summary>
public sealed class AestheticPromptsTests : IDisposable
{
    private const int Tokens = 77, Width = 32, Dims = 24;

    private readonly TempFolder _folder = new();
    private readonly ModelStore _models;
    private readonly DiffusionCheckpoint _checkpoint;
    private readonly PromptEncoder _plain;

    public AestheticPromptsTests()
    {
        _models = new(_folder["models"], TimeProvider.System);
        _models.Import([Path.Combine(Goldens.Own, "aesthetic_gradients/clip")], new("clip"), Cancel);
        _checkpoint = DiffusionCheckpoint.Open(RandomDiffusion.Tiny(isSd2: false).Write(_folder["a.safetensors"], ElementType.F32));
        _plain = _checkpoint.Prompts(new());
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Start is 48 and end is 49, the last of the checkpoint's fifty tokens.</summary>
    private static long[] Prompt => Window(7, 3, 7, 12);

    private static AestheticSettings Some => new() { Steps = 3, LearningRate = 1e-2 };

    [Theory]
    [InlineData(0, 1e-2, 1)]
    [InlineData(3, 0, 1)]
    [InlineData(3, 1e-2, 0)]
    public void Where_nothing_is_drawn_the_very_numbers_of_the_plain_encoder_come(int steps, double rate, double weight)
    {
        var ids = Prompt;

        Assert.Equal(_plain.Encode(ids, 1, Cancel), Encode(new() { Steps = steps, LearningRate = rate, Weight = weight }, ids));
    }

    [Fact]
    public void A_prompt_is_drawn_nearer_with_every_step_and_each_is_told()
    {
        var told = new Told();

        var drawn = Encode(Some, Prompt, told: told);

        Assert.Equal([(0, 0), (0, 1), (0, 2), (0, 3)], told.Readings.Select(r => (r.Window, r.Step)));
        Assert.All(told.Readings.Zip(told.Readings.Skip(1)), pair => Assert.True(pair.Second.Cosine > pair.First.Cosine));
        Assert.NotEqual(_plain.Encode(Prompt, 1, Cancel), drawn);
    }

    [Fact]
    public void The_empty_prompt_is_drawn_only_where_the_extension_s_faults_are_asked_for()
    {
        var empty = Window();

        Assert.Equal(_plain.Encode(empty, 1, Cancel), Encode(Some, empty));
        Assert.NotEqual(_plain.Encode(empty, 1, Cancel), Encode(Some with { IsCompatible = true }, empty));
    }

    [Fact]
    public void Windows_are_drawn_one_by_one()
    {
        long[] other = Window(20, 21);

        Assert.Equal([.. Encode(Some, Prompt), .. Encode(Some, other)], Encode(Some, [.. Prompt, .. other], count: 2));
    }

    [Fact]
    public void A_weight_mixes_the_plain_states_with_the_drawn_ones()
    {
        var (plain, drawn) = (_plain.Encode(Prompt, 1, Cancel), Encode(Some, Prompt));

        Assert.Equal(Arc.Straight(plain, drawn, 0.7), Encode(Some with { Weight = 0.7 }, Prompt));
        Assert.Equal(Arc.OverRows(plain, drawn, 0.7, Width), Encode(Some with { Weight = 0.7, Slerp = true }, Prompt));
        Assert.Equal(Arc.OverColumns(plain, drawn, 0.7, Width), Encode(Some with { Weight = 0.7, Slerp = true, IsCompatible = true }, Prompt));
    }

    [Fact]
    public void The_stock_encoder_makes_other_states_than_the_checkpoint_s_own() =>
        Assert.NotEqual(Encode(Some, Prompt), Encode(Some with { Encoder = DrawnEncoder.Stock }, Prompt));

    /// <summary>
    /// The prompt is the text itself, so the first cosine is known: an angle of 1 leads to the text, whose cosine is 1, and away from it to
    /// −√((1 − c) / 2), where c is the text's cosine to the aesthetic. 1e-5 for sums in float32.
    /// </summary>
    [Fact]
    public void A_text_turns_the_aesthetic_towards_it_or_away()
    {
        const string Text = "a photo of a cat, by the light";
        var prompt = Tokenizer().Window(Text, TokenWindow.StableDiffusion1);
        var stock = Some with { Encoder = DrawnEncoder.Stock };
        var apart = First(stock);

        Assert.Equal(apart, First(stock with { Text = Text, Angle = 0 }), 1e-5);
        Assert.Equal(1, First(stock with { Text = Text, Angle = 1 }), 1e-5);
        Assert.Equal(-Math.Sqrt((1 - apart) / 2), First(stock with { Text = Text, Angle = 1, IsNegative = true }), 1e-5);

        // The text is some four times as long as the aesthetic here, so that the extension's small angles already lead to it.
        Assert.InRange(First(stock with { Text = Text, Angle = 0.2, IsCompatible = true }), First(stock with { Text = Text, Angle = 0.2 }) + 0.1, 1);

        double First(AestheticSettings settings)
        {
            var told = new Told();
            Encode(settings, prompt, told: told);
            return told.Readings[0].Cosine;
        }
    }

    [Fact]
    public void What_was_drawn_is_found_again_with_its_cosines()
    {
        var cache = new ConditioningCache(_folder["cache"], TimeProvider.System);
        var (first, second) = (new Told(), new Told());

        var drawn = Encode(Some, Prompt, cache: cache, told: first);
        var file = Assert.Single(Directory.GetFiles(_folder["cache"]));
        cache.Keep(Path.GetFileNameWithoutExtension(file), cache.Find(Path.GetFileNameWithoutExtension(file))! with { States = [.. drawn.Reverse()] });

        Assert.Equal([.. drawn.Reverse()], Encode(Some, Prompt, cache: cache, told: second));
        Assert.Equal(first.Readings, second.Readings);
        Assert.Equal(drawn.Length, Encode(Some with { Steps = 2 }, Prompt, cache: cache).Length);
        Assert.Equal(2, Directory.GetFiles(_folder["cache"]).Length);
    }

    [Fact]
    public void A_damaged_file_of_the_cache_is_drawn_again()
    {
        var cache = new ConditioningCache(_folder["cache"], TimeProvider.System);
        var drawn = Encode(Some, Prompt, cache: cache);
        var file = Assert.Single(Directory.GetFiles(_folder["cache"]));
        var whole = File.ReadAllBytes(file);
        foreach (var damaged in new[] { [.. whole[..^4], .. new byte[4]], whole[..^1], [], whole[4..] })
        {
            File.WriteAllBytes(file, damaged);

            Assert.Equal(drawn, Encode(Some, Prompt, cache: cache));
            Assert.Equal(whole, File.ReadAllBytes(file));
        }
    }

    [Fact]
    public void An_aesthetic_of_another_size_is_refused_with_both_sizes()
    {
        var e = Assert.Throws<ModelException>(() => Encode(Some, Prompt, AestheticTarget.Of("wide", new("clip-vit-h-14", 1024), Direction(1024))));
        Assert.Contains("the aesthetic is of the space 'clip-vit-h-14' (1024-d);", e.Message, StringComparison.Ordinal);
        Assert.Contains("made from a CLIP like 'clip', whose texts are of the space", e.Message, StringComparison.Ordinal);
        Assert.Contains($"({Dims}-d). Take an aesthetic that was made with that.", e.Message, StringComparison.Ordinal);

        e = Assert.Throws<ModelException>(() => Encode(Some, Prompt, AestheticTarget.Of("wide", new(null, 1024), Direction(1024))));
        Assert.Contains("the aesthetic is of the space undeclared (1024-d);", e.Message, StringComparison.Ordinal);
    }

    /// <summary>Both have 24 numbers, so that nothing but the tower's width tells that the one is no input of the other.</summary>
    [Fact]
    public void An_aesthetic_whose_encoder_has_a_tower_of_another_width_is_refused_even_where_the_numbers_are_as_many()
    {
        _models.Remove("clip", Cancel);
        _models.Import([Path.Combine(Goldens.Own, "aesthetic_gradients/clip")], new("other", "other"), Cancel);
        using var checkpoint = DiffusionCheckpoint.Open(RandomDiffusion.Tiny(isSd2: true).Write(_folder["b.safetensors"], ElementType.F32));
        using var plain = checkpoint.Prompts(new());
        var width = checkpoint.Config.Text.Tower.Stack.Width;
        var means = new AestheticMeans(_models, Tokenizer(), new(), ClipSkip: 1, Cache: null, Told: null);

        var e = Assert.Throws<ModelException>(() => AestheticPrompts.Open(checkpoint, plain, AestheticTarget.Of("some", new("other", Dims), Direction(Dims)), Some, means));

        Assert.Contains($"encoder 'other', whose text tower makes tokens of {Width} numbers; '{checkpoint.Path}' reads tokens of {width}.", e.Message, StringComparison.Ordinal);
    }

    /// <summary>They leave out the layer from which a text's features are made.</summary>
    [Fact]
    public void A_folder_of_SD_2_is_told_to_draw_the_stock_encoder_as_its_own_is_cut_short()
    {
        using var checkpoint = DiffusionCheckpoint.Open(Path.Combine(Goldens.Own, "sd2"));
        using var plain = checkpoint.Prompts(new());
        var target = AestheticTarget.Of("some", new(null, Dims), Direction(Dims));
        var means = new AestheticMeans(_models, Tokenizer(), new(), ClipSkip: 1, Cache: null, Told: null);

        var e = Assert.Throws<ModelException>(() => AestheticPrompts.Open(checkpoint, plain, target, Some, means));

        Assert.Equal(DiffusionKind.Sd2, checkpoint.Kind);
        Assert.Contains("has no last layer: folders of diffusers leave out what the UNet of SD 2 does not read", e.Message, StringComparison.Ordinal);
        Assert.Contains("(--aesthetic-encoder stock)", e.Message, StringComparison.Ordinal);
        e = Assert.Throws<ModelException>(() => AestheticPrompts.Open(checkpoint, plain, target, Some with { Encoder = DrawnEncoder.Stock }, means));
        Assert.Contains("For SD 2 it is open_clip's ViT-H-14", e.Message, StringComparison.Ordinal); // What is installed has another width.
    }

    [Fact]
    public void Without_the_CLIP_that_it_was_made_from_it_is_said_what_to_fetch()
    {
        _models.Remove("clip", Cancel);

        var e = Assert.Throws<ModelException>(() => Encode(Some, Prompt));

        Assert.Contains("'taste models pull clip-vit-l-14' fetches it", e.Message, StringComparison.Ordinal);
    }

    /// <summary>The single files of SD 2 hold the whole tower and its projection.</summary>
    [Fact]
    public void A_single_file_of_SD_2_needs_no_other_file()
    {
        _models.Remove("clip", Cancel);
        using var checkpoint = DiffusionCheckpoint.Open(RandomDiffusion.Tiny(isSd2: true).Write(_folder["b.safetensors"], ElementType.F16));
        using var plain = checkpoint.Prompts(new());
        var dims = checkpoint.Config.Text.Tower.Dims;
        var told = new Told();
        var target = AestheticTarget.Of("some", new(null, dims), Direction(dims));
        using var prompts = AestheticPrompts.Open(checkpoint, plain, target, Some, new(_models, Tokenizer(), new(), 1, null, told));

        var drawn = prompts.Encode(Prompt, 1, Cancel);

        Assert.NotEqual(plain.Encode(Prompt, 1, Cancel), drawn);
        Assert.True(told.Readings[3].Cosine > told.Readings[0].Cosine);
    }

    public void Dispose()
    {
        _plain.Dispose();
        _checkpoint.Dispose();
        _models.Dispose();
        _folder.Dispose();
    }

    private static long[] Window(params long[] tokens) => [48, .. tokens, .. Enumerable.Repeat(49L, Tokens - 1 - tokens.Length)];

    private static float[] Direction(int dims) => [.. Enumerable.Range(0, dims).Select(i => MathF.Sin(i + 1))];

    private static ClipTokenizer Tokenizer() => ClipTokenizer.FromVocab(
        File.ReadAllText(Path.Combine(Goldens.Own, "tokenizer_tiny/vocab.json")), File.ReadAllText(Path.Combine(Goldens.Own, "tokenizer_tiny/merges.txt")));

    private float[] Encode(
        AestheticSettings settings, long[] ids, AestheticTarget? target = null, int count = 1, ConditioningCache? cache = null, Told? told = null)
    {
        var means = new AestheticMeans(_models, Tokenizer(), new(), ClipSkip: 1, cache, told);
        using var prompts = AestheticPrompts.Open(_checkpoint, _plain, target ?? AestheticTarget.Of("some", new(null, Dims), Direction(Dims)), settings, means);
        return prompts.Encode(ids, count, Cancel);
    }

    private sealed class Told : IProgress<AestheticReading>
    {
        public List<AestheticReading> Readings { get; } = [];

        public void Report(AestheticReading value) => Readings.Add(value);
    }
}
