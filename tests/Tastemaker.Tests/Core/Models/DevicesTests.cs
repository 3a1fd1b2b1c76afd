using Tastemaker.Core.Models;
using Tastemaker.Native.Ort;
using Tastemaker.Nets.Graph;

namespace Tastemaker.Tests.Core.Models;

/// <summary>Which devices the golden tests of the networks run on, beside the processor.</summary>
[Trait("Kind", "golden")]
public sealed class DevicesTests
{
    public const string Processor = "cpu";

    private const string Emulated = "TASTE_EMULATED_GPU";

    public static TheoryData<string> Names => [.. All];

    internal static IReadOnlyList<string> All { get; } = [Processor, "cuda", "webgpu"];

    /// <summary>Why the goldens do not run on a device; null where they do.</summary>
    internal static string? Lacks(string device) =>
        device == Processor ? null
        : !OrtRuntime.Answers(device, out var why) ? $"'{device}' does not answer here: {why}"
        : OrtRuntime.Emulator(device) is { } emulator && Environment.GetEnvironmentVariable(Emulated) is null
            ? $"'{device}' is {emulator} here, a program on the processor, which takes half an hour for them; with {Emulated}=1 they run on it." : null;

    /// <summary>Whether its fused attention is right or not: <see cref="Device.AttendsRightly"/> decides what the goldens then run.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void A_device_that_answers_runs_the_goldens(string device)
    {
        var lacking = Lacks(device);
        Assert.SkipWhen(lacking is not null, $"the goldens do not run on it: {lacking}");

        TestContext.Current.SendDiagnosticMessage($"the goldens run on '{device}', whose fused attention is {(Device.AttendsRightly(device) ? "right" : "wrong, and not used")}.");
        Assert.Contains(device, Goldens.Devices);
    }

    /// <summary>Browsers and drivers bring Vulkan in software, which WebGPU takes for a GPU.</summary>
    [Fact]
    public void Auto_does_not_take_a_program_on_the_processor_for_a_GPU()
    {
        var emulator = OrtRuntime.Answers("webgpu", out var why) ? OrtRuntime.Emulator("webgpu") : null;
        Assert.SkipWhen(emulator is null, $"WebGPU has no adapter in software here: {(why.Length > 0 ? why : "a GPU answers")}");

        Assert.NotEqual("webgpu", Device.Resolve(Device.Auto, _ => { }));
    }

    /// <summary>As a server does that paints while it scores; of some providers two runs at once would end the process.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Sessions_may_be_made_run_and_closed_at_once(string device)
    {
        Assert.SkipUnless(OrtRuntime.Answers(device, out var why), $"'{device}' does not answer here: {why}");
        Node x = Node.In("x", ElementType.F32, 64, 64), y = Node.In("y", ElementType.F32, 64, 64);
        var graph = Onnx.Write(new Dictionary<string, Node> { ["z"] = x.MatMul(y).Add(x).MatMul(y) }).Bytes;
        var numbers = Enumerable.Range(0, 64 * 64).Select(i => (float)(i % 3)).ToArray();
        using var shared = new OrtSession(graph, new() { Provider = device, Threads = 1 });
        var wanted = Run(shared);

        Parallel.For(0, 24, new() { MaxDegreeOfParallelism = 4 }, i =>
        {
            using var own = new OrtSession(graph, new() { Provider = device, Threads = 1 });
            Assert.Equal(wanted, Run(i % 2 == 0 ? own : shared));
        });

        float[] Run(OrtSession session)
        {
            using var tensor = OrtTensor.From<float>(numbers, OrtElement.Float32, 64, 64);
            using var result = session.Run(new Dictionary<string, OrtTensor> { ["x"] = tensor, ["y"] = tensor }, TestContext.Current.CancellationToken)[0];
            return result.AsSpan<float>().ToArray();
        }
    }
}
