using Tastemaker.Native;
using Tastemaker.Native.Ort;

namespace Tastemaker.Tests.Native;

/// <summary>Alone, because the count of live handles is the process's.</summary>
[CollectionDefinition(nameof(LeakTests), DisableParallelization = true)]
[Collection(nameof(LeakTests))]
public sealed class LeakTests
{
    private static readonly byte[] Model = new TinyModel().Input("x", OrtElement.Float32, 2).Output("y", OrtElement.Float32, 2)
        .External("w", OrtElement.Float32, [2]).Node("Add", ["x", "w"], ["y"]).ToBytes();

    [Fact]
    public void What_is_opened_is_closed_also_after_errors()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("taste-leak-").FullName, "w.bin");
        File.WriteAllBytes(path, new byte[8]);
        UseEverything(path);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = LiveHandles.Count;

        UseEverything(path);

        Assert.Equal(before, LiveHandles.Count);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public void What_is_open_is_counted()
    {
        Assert.SkipWhen(LiveHandles.Count == 0 && !IsDebug(), "handles are counted in Debug builds.");
        var before = LiveHandles.Count;

        using var tensor = OrtTensor.Allocate(OrtElement.Float32, 1);

        Assert.Equal(before + 2, LiveHandles.Count); // The value, and its memory.
    }

    private static bool IsDebug() => typeof(LiveHandles).Assembly.GetCustomAttributes(typeof(System.Diagnostics.DebuggableAttribute), false)
        .Cast<System.Diagnostics.DebuggableAttribute>().Any(attribute => attribute.IsJITOptimizerDisabled);

    private static void UseEverything(string path)
    {
        using var file = MappedFile.OpenRead(path);
        using var w = OrtTensor.Over(file, 0, OrtElement.Float32, 2);
        using var session = new OrtSession(Model, new OrtOptions { Threads = 1 }, new Dictionary<string, OrtTensor> { ["w"] = w });
        using var x = OrtTensor.From<float>([1, 2], OrtElement.Float32, 2);
        using var wrong = OrtTensor.Allocate(OrtElement.Float32, 3);
        var inputs = new Dictionary<string, OrtTensor> { ["x"] = x };
        session.Run(inputs, CancellationToken.None)[0].Dispose();
        using var binding = session.Bind();
        binding.Input("x", x);
        binding.Input("x", w);
        binding.OutputTo("y", OrtPlace.Cpu);
        binding.Run(CancellationToken.None);
        binding.GetOutputs()[0].Dispose();

        Assert.Throws<OrtException>(() => session.Run(new Dictionary<string, OrtTensor> { ["x"] = wrong }, CancellationToken.None));
        Assert.Throws<OrtException>(() => session.Run(inputs, CancellationToken.None, "q"));
        Assert.Throws<OrtException>(() => binding.Input("q", x));
        Assert.Throws<OrtException>(() => new OrtSession([1, 2, 3], new OrtOptions()));
        Assert.Throws<OrtException>(() => new OrtSession(Model, new OrtOptions { Provider = "cuda" }));
    }
}
