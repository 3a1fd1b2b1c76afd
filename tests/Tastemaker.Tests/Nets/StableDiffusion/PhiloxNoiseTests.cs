using Tastemaker.Nets.StableDiffusion;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Nets.StableDiffusion;

/// <summary>torch's random numbers on CUDA, as A1111's imitation of it recorded them.</summary>
[Trait("Kind", "golden")]
public sealed class PhiloxNoiseTests
{
    /// <summary>golden/README.md.</summary>
    private const float Tolerance = 5e-6f;

    public static TheoryData<string, string> Draws
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var folder in Goldens.Folders("philox.safetensors"))
            {
                foreach (var name in Open(folder).Tensors.Keys)
                {
                    data.Add(folder, name);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Draws))]
    public void A_draw_is_that_of_CUDA(string folder, string name)
    {
        var expected = Open(folder).Floats(name);
        var words = name.Split('.');
        var noise = new PhiloxNoise(ulong.Parse(words[1], null));
        var shape = words[2].Replace("second_", "", StringComparison.Ordinal).Split('_')[0].TrimStart('n');
        var draw = new float[shape.Split('x').Select(int.Parse).Aggregate((product, axis) => product * axis)];

        noise.Normal(draw);
        if (words[2].StartsWith("second_", StringComparison.Ordinal))
        {
            noise.Normal(draw);
        }

        Tensors.AssertClose(expected, draw.AsSpan(0, expected.Length), Tolerance, name);
    }

    [Fact]
    public void All_64_bits_of_a_seed_count()
    {
        var (a, b) = (new float[4], new float[4]);

        new PhiloxNoise(7).Normal(a);
        new PhiloxNoise((1UL << 32) + 7).Normal(b);

        Assert.Empty(a.Intersect(b));
    }

    private static Checkpoint Open(string folder) => Checkpoint.Open(ByteSource.Of(File.ReadAllBytes(Path.Combine(folder, "philox.safetensors"))));
}
