using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Tastemaker.Nets.StableDiffusion;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Nets.StableDiffusion;

/// <summary>torch's random numbers on the CPU, as torch 1.13 recorded them.</summary>
[Trait("Kind", "golden")]
public sealed class TorchNoiseTests
{
    /// <summary>golden/README.md: torch's own vectors of eight and its scalar code differ by 2e-6.</summary>
    private const float LongTolerance = 5e-6f;

    private const float ShortTolerance = 2e-6f;

    public static TheoryData<string, string> Draws
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var folder in Folders())
            {
                foreach (var name in Open(folder).Tensors.Keys)
                {
                    data.Add(folder, name);
                }
            }

            return data;
        }
    }

    public static TheoryData<string, ulong> Seeds
    {
        get
        {
            var data = new TheoryData<string, ulong>();
            foreach (var folder in Folders())
            {
                using var meta = Meta(folder);
                foreach (var seed in meta.RootElement.GetProperty("seeds").EnumerateArray())
                {
                    data.Add(folder, seed.GetUInt64());
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Draws))]
    public void A_draw_is_that_of_torch(string folder, string name)
    {
        var expected = Open(folder).Floats(name);
        var words = name.Split('.');
        var noise = new TorchNoise(ulong.Parse(words[1], null));
        var counts = words[2].Split('_')[0].TrimStart('n').Split(',')
            .Select(count => count.Split('x').Select(int.Parse).Aggregate((product, axis) => product * axis)).ToList();
        if (words.Contains("second_draw_first256"))
        {
            counts.Add(counts[0]);
        }

        var draws = counts.Select(count => Draw(noise, words[0], count)).ToList();

        var actual = words[0] == "seq" ? draws.SelectMany(draw => draw).ToArray() : draws[^1];
        Tensors.AssertClose(expected, actual.AsSpan(0, expected.Length), counts.Max() < 16 ? ShortTolerance : LongTolerance, name);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_words_behind_are_those_of_torch(string folder, ulong seed)
    {
        using var meta = Meta(folder);
        var expected = meta.RootElement.GetProperty($"random_int31.{seed}").EnumerateArray().Select(word => word.GetUInt32()).ToArray();
        var words = new MersenneTwister((uint)seed);

        Assert.Equal(expected, expected.Select(_ => words.Next() & 0x7FFF_FFFF));
    }

    [Theory]
    [InlineData(0), InlineData(1), InlineData(332), InlineData(1234567890123)]
    public void The_latents_of_a_picture_are_to_the_bit_those_of_torch_with_AVX2(ulong seed)
    {
        using var meta = Meta(Path.Combine(Goldens.Own, "noise"));
        var latents = new float[4 * 64 * 64];

        new TorchNoise(seed).Normal(latents);

        Assert.Equal(meta.RootElement.GetProperty($"randn.{seed}.1x4x64x64.sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(latents.AsSpan()))));
    }

    [Fact]
    public void Only_the_low_32_bits_of_a_seed_count()
    {
        var (a, b) = (new float[40], new float[40]);

        new TorchNoise(7).Normal(a);
        new TorchNoise((1UL << 32) + 7).Normal(b);

        Assert.Equal(a, b);
    }

    private static float[] Draw(TorchNoise noise, string kind, int count)
    {
        var draw = new float[count];
        switch (kind)
        {
            case "rand":
                noise.Uniform(draw);
                break;
            case "randn_f64":
                var wide = new double[count];
                noise.Normal(wide);
                return [.. wide.Select(x => (float)x)];
            default:
                noise.Normal(draw);
                break;
        }

        return draw;
    }

    private static IEnumerable<string> Folders() => Goldens.Folders("torch_cpu.safetensors", "meta.json");

    private static JsonDocument Meta(string folder) => JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "meta.json")));

    private static Checkpoint Open(string folder) => Checkpoint.Open(ByteSource.Of(File.ReadAllBytes(Path.Combine(folder, "torch_cpu.safetensors"))));
}
