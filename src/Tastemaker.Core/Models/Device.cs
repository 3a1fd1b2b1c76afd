using System.Collections.Concurrent;
using Tastemaker.Native.Ort;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Training;

namespace Tastemaker.Core.Models;

/// <summary>Where networks run: the processor, or a GPU behind one of ONNX Runtime's providers.</summary>
public static class Device
{
    public const string Auto = "auto";

    /// <summary>Every name that a user may give.</summary>
    public static readonly IReadOnlyList<string> Names = [Auto, "cpu", "cuda", "dml", "coreml", "webgpu"];

    internal const string Processor = "cpu";

    /// <summary>Numbers of about 1 that go through two products and an exponential, on GPUs whose exponential is good to some 1e-5; wrong ones are 0.1 off.</summary>
    private const float AttentionTolerance = 2e-3f;

    private static readonly ConcurrentDictionary<string, bool> Attends = new();

    /// <summary>Best first; the processor always answers.</summary>
    private static readonly string[] Preference =
        OperatingSystem.IsWindows() ? ["cuda", "dml", "webgpu"] : OperatingSystem.IsMacOS() ? ["coreml", "webgpu"] : ["cuda", "webgpu"];

    /// <summary>The provider to use for a name: itself, or for <see cref="Auto"/> the best that really answers.</summary>
    /// <param name="fellBack">Told, for <see cref="Auto"/>, in one line when better ones are built in and none of them answered.</param>
    public static string Resolve(string name, Action<string> fellBack)
    {
        if (name != Auto)
        {
            return name;
        }

        var better = Preference.Where(OrtRuntime.Providers.Contains).ToList();
        foreach (var provider in better)
        {
            if (OrtRuntime.Emulator(provider) is null && OrtRuntime.Answers(provider, out _))
            {
                return provider;
            }
        }

        if (better.Count > 0)
        {
            fellBack($"no GPU answers ({string.Join(", ", better)}); using the processor. 'taste doctor' says why.");
        }

        return Processor;
    }

    /// <summary>
    /// Whether a device's fused attention gives what the processor's does; where it does not, it is computed in single operators, which take more memory.
    /// WebGPU's was seen to be wrong, without a word, where the threads of a GPU work in groups of four. Asked of the device once.
    /// </summary>
    /// <exception cref="OrtException">The device does not answer.</exception>
    public static bool AttendsRightly(string device) => device == Processor || Attends.GetOrAdd(device, static device => Attended(device).Zip(Attended(Processor))
        .All(pair => Math.Abs(pair.First - pair.Second) < AttentionTolerance));

    /// <summary>A graph as a device can be trusted with it.</summary>
    /// <exception cref="OrtException">The device does not answer.</exception>
    internal static IReadOnlyDictionary<string, Node> Fit(IReadOnlyDictionary<string, Node> outputs, string device) => device == Processor ? outputs
        : AttendsRightly(device) ? Lowering.Without(outputs, AdamStep.Name) : Lowering.Without(outputs, AdamStep.Name, Lowering.FusedAttention);

    /// <summary>Attention of a prompt's size over made-up numbers, of each token to all and to those before it.</summary>
    private static float[] Attended(string device)
    {
        const int Tokens = 77, Width = 64, Heads = 4;
        var (x, y, z) = (Node.In("x", ElementType.F32, 1, Tokens, Width), Node.In("y", ElementType.F32, 1, Tokens, Width), Node.In("z", ElementType.F32, 1, Tokens, Width));
        var both = x.Attention(y, z, Heads, causal: false).Add(x.Attention(y, z, Heads, causal: true).Mul(3));
        using var session = new OrtSession(Onnx.Write(new Dictionary<string, Node> { ["both"] = both }).Bytes, new() { Provider = device });
        var random = new Random(1);
        var inputs = session.Inputs.Order(StringComparer.Ordinal).ToDictionary(name => name, name => OrtTensor.From<float>(
            [.. Enumerable.Range(0, Tokens * Width).Select(_ => (random.NextSingle() * 4) - 2)], OrtElement.Float32, 1, Tokens, Width));
        try
        {
            using var result = session.Run(inputs, CancellationToken.None)[0];
            return result.AsSpan<float>().ToArray();
        }
        finally
        {
            foreach (var input in inputs.Values)
            {
                input.Dispose();
            }
        }
    }
}
