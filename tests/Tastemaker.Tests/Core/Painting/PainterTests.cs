using Tastemaker.Core.Imaging;
using Tastemaker.Core.Models;
using Tastemaker.Core.Painting;
using Tastemaker.Core.Painting.Diffusion;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Pixels;
using Tastemaker.Nets.StableDiffusion.Samplers;

namespace Tastemaker.Tests.Core.Painting;

public sealed class PainterTests : IDisposable
{
    private readonly TinyCheckpoint _checkpoint = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static PaintRequest Request => new()
    {
        Prompt = "a cat by the sea", Seed = 7, Width = 16, Height = 12, Sampler = new() { Method = SamplerMethod.EulerAncestral, Steps = 4 },
    };

    public void Dispose() => _checkpoint.Dispose();

    [Fact]
    public void A_picture_is_the_same_to_the_bit_whatever_is_painted_with_it()
    {
        using var painter = _checkpoint.Open();
        var other = Request with { Prompt = "a much longer text", Negative = "bad", Seed = 8 };

        var together = painter.Paint([Request, other], null, null, Cancel);
        var alone = painter.Paint([other], null, null, Cancel)[0];

        Assert.Equal(other, together[1].Request);
        Assert.Equal(alone.Latents.ToArray(), together[1].Latents.ToArray());
        Assert.Equal(alone.Picture.Pixels, together[1].Picture.Pixels);
        Assert.NotEqual(together[0].Picture.Pixels, together[1].Picture.Pixels);
    }

    /// <summary>As GPUs are asked; there only the order of sums differs.</summary>
    [Fact]
    public void Rows_in_one_call_give_what_rows_alone_give()
    {
        using var painter = _checkpoint.Open();
        PaintRequest[] batch = [Request, Request with { Seed = 8, Prompt = string.Join(' ', Enumerable.Repeat("cat", 100)) }];

        var alone = painter.Paint(batch, null, null, Cancel);
        painter.RowsPerCall = int.MaxValue;
        var together = painter.Paint(batch, null, null, Cancel);

        Assert.All(alone.Zip(together), pair => Tensors.AssertClose(pair.First.Latents.Span, pair.Second.Latents.Span, 1e-3f, "latents"));
    }

    [Fact]
    public void Seed_noise_prompt_and_negative_prompt_all_count()
    {
        using var painter = _checkpoint.Open();

        PaintRequest[] requests = [Request, Request with { Seed = 8 }, Request with { Noise = NoiseSource.Cpu }, Request with { Prompt = "a dog" }, Request with { Negative = "bad" }, Request with { ClipSkip = 2 }];

        var pictures = requests.Select(request => Convert.ToHexString(painter.Paint([request], null, null, Cancel)[0].Picture.Pixels)).ToList();
        Assert.Equal(pictures.Count, pictures.Distinct().Count());
    }

    [Fact]
    public void Without_guidance_the_negative_prompt_is_left_out()
    {
        using var painter = _checkpoint.Open();
        var plain = Request with { Guidance = 1 };

        var (without, with) = (painter.Paint([plain], null, null, Cancel)[0], painter.Paint([plain with { Negative = "bad" }], null, null, Cancel)[0]);

        Assert.Equal(without.Picture.Pixels, with.Picture.Pixels);
    }

    [Fact]
    public void Another_reader_of_prompts_reads_the_prompt_and_not_the_negative_one()
    {
        using var painter = _checkpoint.Open();
        var reader = new Recording(painter.Checkpoint);

        var own = painter.Paint([Request with { Negative = "bad" }], null, null, Cancel)[0];
        var read = painter.Paint([Request with { Negative = "bad" }], reader, null, Cancel)[0];

        Assert.Equal(1, reader.Calls);
        Assert.Equal(own.Latents.ToArray(), read.Latents.ToArray());
        reader.Dispose();
    }

    [Fact]
    public void Each_step_shows_what_it_will_be_and_the_last_shows_what_it_is()
    {
        using var painter = _checkpoint.Open();
        var (done, last) = (new List<int>(), Array.Empty<float>());

        var made = painter.Paint([Request], null, step =>
        {
            done.Add(step.Done);
            Assert.Equal(4, step.Total);
            last = step.Clean(0).ToArray();
            Assert.Equal((16, 12), (step.Picture(0, Cancel).Width, step.Picture(0, Cancel).Height));
            Assert.Equal((8, 6), (step.Preview(0).Width, step.Preview(0).Height));
        }, Cancel)[0];

        Assert.Equal([1, 2, 3, 4], done);
        Assert.Equal(made.Latents.ToArray(), last);
    }

    [Fact]
    public void A_stopped_picture_is_not_finished_and_the_others_are_what_they_were()
    {
        using var painter = _checkpoint.Open();
        PaintRequest[] batch = [Request, Request with { Seed = 8 }, Request with { Seed = 9 }];
        var live = new List<int>();

        var all = painter.Paint(batch, null, null, Cancel);
        var made = painter.Paint(batch, null, step =>
        {
            live.Add(step.Live.Count());
            if (step.Done == 2)
            {
                step.Stop(1);
            }
        }, Cancel);

        Assert.Equal([3, 3, 2, 2], live);
        Assert.Equal([7UL, 9UL], made.Select(painted => painted.Request.Seed));
        Assert.Equal(all[2].Picture.Pixels, made[1].Picture.Pixels);
    }

    [Fact]
    public void A_picture_to_start_from_is_made_as_large_and_changed_by_its_strength()
    {
        using var painter = _checkpoint.Open();
        var pixels = Enumerable.Range(0, 40 * 20 * 3).Select(i => (byte)(i * 7)).ToArray();
        var start = Request with { Start = _checkpoint.Folder.Write("start.png", ImageWriter.Png(new(40, 20, PixelMode.Rgb, pixels))) };
        var steps = new List<int>();

        var half = painter.Paint([start with { Sampler = start.Sampler with { Strength = 0.5 } }], null, step => steps.Add(step.Total), Cancel)[0];
        var whole = painter.Paint([start], null, null, Cancel)[0];

        Assert.Equal([2, 2], steps);
        Assert.Equal((16, 12), (half.Picture.Width, half.Picture.Height));
        Assert.NotEqual(whole.Picture.Pixels, half.Picture.Pixels);
    }

    [Theory]
    [InlineData(15, 12, "a width of 15 pixels is asked for; a multiple of 2 is wanted, 2 to 4096, such as 14.")]
    [InlineData(16, 0, "a height of 0 pixels is asked for; a multiple of 2 is wanted, 2 to 4096.")]
    [InlineData(1 << 30, 16, "a width of 1073741824 pixels is asked for; a multiple of 2 is wanted, 2 to 4096.")]
    [InlineData(-16, 16, "a width of -16 pixels is asked for; a multiple of 2 is wanted, 2 to 4096.")]
    public void A_size_that_cannot_be_is_told(int width, int height, string message) => AssertRefused(message, Request with { Width = width, Height = height });

    [Fact]
    public void Settings_that_cannot_be_are_told()
    {
        AssertRefused("guidance 0.5 is asked for; 1 to 100 is wanted.", Request with { Guidance = 0.5 });
        AssertRefused("guidance NaN is asked for; 1 to 100 is wanted.", Request with { Guidance = double.NaN });
        AssertRefused("0 steps are asked for; 1 or more are wanted.", Request with { Sampler = new() { Steps = 0 } });
        AssertRefused("1000 steps are asked for; the network was trained on 1000, and fewer are wanted.", Request with { Sampler = new() { Steps = 1000 } });
        AssertRefused("strength 0.5 is asked for without a picture to start from; name one, or leave the strength out.", Request with { Sampler = new() { Strength = 0.5 } });
        AssertRefused("the prompt has 20000 characters; 16384 at most are wanted. Shorten it.", Request with { Prompt = new('a', 20_000) });
    }

    [Fact]
    public void A_clip_skip_beyond_the_layers_is_told()
    {
        using var painter = _checkpoint.Open();

        var error = Assert.Throws<ModelException>(() => painter.Paint([Request with { ClipSkip = 3 }], null, null, Cancel));

        Assert.Contains("clip skip is 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sixteen_bits_paint_about_the_same_without_an_overflow()
    {
        using var exact = _checkpoint.Open();
        using var half = _checkpoint.Open(new() { Precision = Precision.F16 });
        var request = Request with { Sampler = new() { Method = SamplerMethod.Ddim, Steps = 4 } };

        var (a, b) = (exact.Paint([request], null, null, Cancel)[0], half.Paint([request], null, null, Cancel)[0]);

        Assert.All(b.Latents.ToArray(), value => Assert.True(float.IsFinite(value)));
        Assert.InRange(a.Picture.Pixels.Zip(b.Picture.Pixels, (x, y) => Math.Abs(x - y)).Average(), 0.0001, 2); // 0 would mean that nothing was rounded.
    }

    [Fact]
    public void NaN_in_the_weights_is_told_before_anything_is_painted()
    {
        using var damaged = TinyCheckpoint.Filled("first_stage_model.decoder.mid.block_1.conv1.weight", float.NaN);

        var error = Assert.Throws<ModelException>(() => damaged.Open());

        Assert.Contains("'first_stage_model.decoder.mid.block_1.conv1.weight' has NaN or infinity in it", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_that_overflows_is_told_and_not_painted()
    {
        using var damaged = TinyCheckpoint.Filled(TinyCheckpoint.LastOfDecoder, float.MaxValue);
        using var painter = damaged.Open();

        var error = Assert.Throws<ModelException>(() => painter.Paint([Request], null, null, Cancel));

        Assert.StartsWith("the VAE's decoder made NaN or infinity", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vocabulary_that_is_missing_too_large_or_damaged_is_told()
    {
        File.Delete(_checkpoint.Folder["merges.txt"]);
        Assert.Contains("'taste models pull clip-vit-l-14' installs CLIP, which has it", Refusal(), StringComparison.Ordinal);

        _checkpoint.Folder.File("merges.txt", "#version: 0.2\n\u0001 nothing\n");
        Assert.StartsWith($"the vocabulary in '{_checkpoint.Folder.Path}' cannot be read: ", Refusal(), StringComparison.Ordinal);

        using var small = new TinyCheckpoint(change: made =>
        {
            var at = made.Entries.FindIndex(entry => entry.Name.EndsWith("token_embedding.weight", StringComparison.Ordinal));
            made.Entries[at] = made.Entries[at] with { Axes = [50, 32] };
        });
        var error = Assert.Throws<ModelException>(() => small.Open());
        Assert.Contains("has 1000 tokens, the text encoder of", error.Message, StringComparison.Ordinal);

        string Refusal() => Assert.Throws<ModelException>(() => _checkpoint.Open()).Message;
    }

    [Fact]
    public void A_cancelled_painting_ends()
    {
        using var painter = _checkpoint.Open();
        using var source = new CancellationTokenSource();

        Assert.ThrowsAny<OperationCanceledException>(() => painter.Paint([Request], null, _ => source.Cancel(), source.Token));
    }

    [Fact]
    public void A_request_survives_JSON_and_what_is_none_is_told()
    {
        var request = Request with { Negative = "\"bad\"\n", Start = "/a/b.png", Seed = ulong.MaxValue, Sampler = new() { Method = SamplerMethod.Ddim, Eta = 0.3, Strength = 0.7 } };

        Assert.Equal(request, PaintRequest.FromJson(request.ToJson()));
        Assert.All(["", "null", "[]", "{}", """{"prompt":null}""", """{"prompt":"a","seed":-1}"""], json => Assert.Throws<PaintException>(() => PaintRequest.FromJson(json)));
    }

    private void AssertRefused(string message, PaintRequest request)
    {
        using var painter = _checkpoint.Open();
        Assert.Equal(message, Assert.Throws<PaintException>(() => painter.Paint([request], null, null, Cancel)).Message);
    }

    /// <summary>The checkpoint's own encoder, counted.</summary>
    private sealed class Recording(DiffusionCheckpoint checkpoint) : IPromptStates, IDisposable
    {
        private readonly PromptEncoder _encoder = checkpoint.Prompts(new());

        public int Calls { get; private set; }

        public int Width => _encoder.Width;

        public float[] Encode(ReadOnlySpan<long> ids, int count, CancellationToken cancel)
        {
            Calls++;
            return _encoder.Encode(ids, count, cancel);
        }

        public void Dispose() => _encoder.Dispose();
    }
}
