using System.Diagnostics;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Nets.Weights;

/// <summary>Seeded damage to a good file: cut short, bytes changed, pieces repeated.</summary>
internal static class Damage
{
    /// <summary>Generous: no damaged file of a few kilobytes takes a hundredth of it. Only a hang reaches it.</summary>
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(20);

    public static void AssertReadOrRefused(byte[] good, int times)
    {
        const int Step = 3;
        for (var length = 0; length < good.Length; length += Step)
        {
            ReadOrRefuse(good[..length], $"the first {length} bytes");
        }

        for (var seed = 0; seed < times; seed++)
        {
            ReadOrRefuse(Damaged(good, new Random(seed)), $"seed {seed}");
        }
    }

    private static byte[] Damaged(byte[] good, Random random)
    {
        var bytes = good.ToArray();
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var at = random.Next(bytes.Length);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.AsSpan(at, Math.Min(bytes.Length - at, random.Next(1, 9))).Fill((byte)(random.Next(2) * 255));
                    break;
                default:
                    var from = random.Next(bytes.Length);
                    bytes.AsSpan(from, Math.Min(random.Next(64), bytes.Length - Math.Max(at, from))).ToArray().CopyTo(bytes, at);
                    break;
            }
        }

        return bytes;
    }

    private static void ReadOrRefuse(byte[] bytes, string which)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            var checkpoint = Checkpoint.Open(ByteSource.Of(bytes));
            foreach (var (name, tensor) in checkpoint.Tensors)
            {
                Assert.Equal(tensor.Count, checkpoint.Floats(name).Length);
            }
        }
        catch (WeightException)
        {
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"{which}: {e}");
        }

        Assert.True(Stopwatch.GetElapsedTime(started) < Hang, $"{which} took {Stopwatch.GetElapsedTime(started)}.");
    }
}
