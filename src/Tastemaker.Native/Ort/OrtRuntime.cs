using System.Runtime.InteropServices;

namespace Tastemaker.Native.Ort;

/// <summary>The ONNX Runtime that this process has loaded.</summary>
public static class OrtRuntime
{
    /// <summary>
    /// The smallest graph that computes: <c>y = Add(x, x)</c> on float32 [4], opset 13, IR 8. As protobuf:
    /// ModelProto { ir_version = 8, graph = { node = { input "x", input "x", output "y", op_type "Add" }, name "g",
    /// input = { "x", tensor { float32, [4] } }, output = the same with "y" }, opset_import = { version = 13 } }.
    /// </summary>
    private static ReadOnlySpan<byte> AddModel =>
    [
        0x08, 8,
        0x3A, 53,
        0x0A, 14, 0x0A, 1, (byte)'x', 0x0A, 1, (byte)'x', 0x12, 1, (byte)'y', 0x22, 3, (byte)'A', (byte)'d', (byte)'d',
        0x12, 1, (byte)'g',
        0x5A, 15, 0x0A, 1, (byte)'x', 0x12, 10, 0x0A, 8, 0x08, 1, 0x12, 4, 0x0A, 2, 0x08, 4,
        0x62, 15, 0x0A, 1, (byte)'y', 0x12, 10, 0x0A, 8, 0x08, 1, 0x12, 4, 0x0A, 2, 0x08, 4,
        0x42, 2, 0x10, 13,
    ];

    /// <summary>Such as <c>1.30.0</c>.</summary>
    /// <exception cref="NativeLibraryException">It is not there.</exception>
    public static string Version => NativeLibraries.Load("onnxruntime").Version.ToString();

    /// <summary>
    /// The providers that it was built with, by their names in <see cref="OrtOptions.Provider"/>, its preferred one first.
    /// Whether one works on this machine is for <see cref="Answers"/> to say.
    /// </summary>
    public static IReadOnlyList<string> Providers => [.. OrtProvider.BuiltIn().Select(provider => provider.Name)];

    /// <summary>Whether a provider computes on this machine: makes a session of one node with it and runs that.</summary>
    /// <param name="why">Where the answer is no: the reason.</param>
    public static bool Answers(string provider, out string why)
    {
        if (Lacks(provider) is { } missing)
        {
            why = $"provider '{provider}' does not answer: {missing}";
            return false;
        }

        try
        {
            var options = new OrtOptions { Provider = provider, Threads = 1, Config = OnlyThere(provider) };
            using var session = new OrtSession(AddModel, options);
            using var x = OrtTensor.From<float>([1, 2, 3, 4], OrtElement.Float32, 4);
            var outputs = session.Run(new Dictionary<string, OrtTensor> { ["x"] = x }, CancellationToken.None);
            using var y = outputs[0];
            var isRight = y.AsSpan<float>().SequenceEqual([2, 4, 6, 8]);
            why = isRight ? "" : $"provider '{provider}' added [1, 2, 3, 4] to itself and got "
                + $"[{string.Join(", ", y.AsSpan<float>().ToArray())}].";
            return isRight;
        }
        catch (Exception e) when (e is OrtException or NativeLibraryException)
        {
            why = e.Message;
            return false;
        }
    }

    /// <summary>What plays the GPU of a provider that answers, where no GPU does: a program on the processor, which is slower than the processor's own provider.</summary>
    /// <returns>Its name; null for a real GPU, or where nobody says.</returns>
    public static string? Emulator(string provider) =>
        provider == "webgpu" && OperatingSystem.IsLinux() && VulkanDevices.OnlySoftware() is [_, ..] names ? string.Join(", ", names) : null;

    /// <summary>What a provider needs of the system and cannot do without; asked first, as some print a page about it.</summary>
    private static string? Lacks(string provider) => provider switch
    {
        "webgpu" when OperatingSystem.IsLinux() && !IsThere(VulkanDevices.Library) => "the system has no Vulkan (libvulkan.so.1). On Debian: apt install libvulkan1, and the GPU's driver.",
        "cuda" when OperatingSystem.IsLinux() && !IsThere(CudaLibrary()) => "ONNX Runtime's CUDA library (libonnxruntime_providers_cuda.so) is not beside it; the bundled build comes without.",
        _ => null,
    };

    private static string CudaLibrary() =>
        Path.Combine(Path.GetDirectoryName(NativeLibraries.Load("onnxruntime").Path) ?? "", "libonnxruntime_providers_cuda.so");

    private static bool IsThere(string library)
    {
        if (Path.IsPathFullyQualified(library))
        {
            return File.Exists(library);
        }

        var isThere = NativeLibrary.TryLoad(library, out var handle);
        if (isThere)
        {
            NativeLibrary.Free(handle);
        }

        return isThere;
    }

    /// <summary>Refuses to run on the CPU what another provider was asked for.</summary>
    private static Dictionary<string, string> OnlyThere(string provider) =>
        provider is "cpu" ? [] : new() { ["session.disable_cpu_ep_fallback"] = "1" };
}
