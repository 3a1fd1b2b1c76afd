using Tastemaker.Core.Library;
using Tastemaker.Core.Painting;
using Tastemaker.Core.Platform;
using Tastemaker.Nets.StableDiffusion.Samplers;

namespace Tastemaker.Tests.Core.Painting;

public sealed class EarlyStudyTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Correlations_are_of_each_step_with_the_end()
    {
        var study = new EarlyStudy("c", "m", "s", [new([1, 3], 1), new([2, 2], 2), new([3, 1], 30), new([9], 0)]);

        var correlations = study.Correlations();

        Assert.Equal([1, 2], correlations.Select(step => step.Step));
        Assert.Equal(1, correlations[0].Spearman!.Value, 12);
        Assert.Equal(-1, correlations[1].Spearman!.Value, 12);
        Assert.Equal(0.8808122718846411, correlations[0].Pearson!.Value, 12); // Python, by the definition, of [1, 2, 3] and [1, 2, 30].
        Assert.Empty(new EarlyStudy("c", "m", "s", []).Correlations());
    }

    [Fact]
    public void Whatever_shapes_scores_is_part_of_the_key_and_prompts_and_seeds_are_not()
    {
        var plain = new PaintRequest { Prompt = "a" };
        PaintRequest[] others =
        [
            plain with { Guidance = 7.5 }, plain with { Width = 768 }, plain with { Height = 768 }, plain with { ClipSkip = 2 }, plain with { Start = "a.png" },
            plain with { Sampler = plain.Sampler with { Steps = 21 } }, plain with { Sampler = plain.Sampler with { IsKarras = false } },
            plain with { Sampler = plain.Sampler with { Method = SamplerMethod.Euler } }, plain with { Sampler = plain.Sampler with { Eta = 0.5 } },
        ];

        Assert.Equal("DPM++ 2M Karras 20 steps 512x512 cfg 7", EarlyStudy.Key(plain));
        Assert.Equal("DDIM eta 0.5 30 steps 640x512 cfg 1.5 clip skip 2 strength 0.6", EarlyStudy.Key(plain with
        {
            Width = 640, Guidance = 1.5, ClipSkip = 2, Start = "a.png", Sampler = new() { Method = SamplerMethod.Ddim, Steps = 30, Eta = 0.5, Strength = 0.6 },
        }));
        Assert.Equal(others.Length + 1, others.Append(plain).Select(EarlyStudy.Key).Distinct().Count());
        Assert.Equal(EarlyStudy.Key(plain), EarlyStudy.Key(plain with { Prompt = "b", Negative = "c", Seed = 5, Noise = NoiseSource.Cpu }));
    }

    [Fact]
    public void All_studies_of_the_settings_count_and_where_there_is_none_it_is_said_what_was_measured()
    {
        using var database = StudioDatabase.Open(new StudioFolder(_folder["studio"]), TimeProvider.System);
        var study = new EarlyStudy("c", "m", "Euler 20 steps 512x512 cfg 7", [new([1, 2], 3)]);
        study.Keep(database);
        (study with { Pictures = [new([4, 5], 6)] }).Keep(database);
        (study with { Settings = "Euler 20 steps 512x512 cfg 5" }).Keep(database);

        Assert.Equal([3, 6], EarlyStudy.Of(database, "c", "m", study.Settings).Pictures.Select(picture => picture.Final));
        Assert.Equal("early scores by 'm' are not known for these settings with this checkpoint. Measured: Euler 20 steps 512x512 cfg 7; Euler 20 steps 512x512 cfg 5. "
            + "Wanted: DDIM 4 steps 16x16 cfg 7. 'taste study early-steps' measures them.", Refusal("c", "m"));
        Assert.Contains("Measured: nothing. Wanted: DDIM 4 steps", Refusal("c", "other"), StringComparison.Ordinal);
        Assert.Contains("Measured: nothing.", Refusal("other", "m"), StringComparison.Ordinal);

        string Refusal(string checkpoint, string model) => Assert.Throws<PaintException>(() => EarlyStudy.Of(database, checkpoint, model, "DDIM 4 steps 16x16 cfg 7")).Message;
    }
}
