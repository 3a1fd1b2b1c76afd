namespace Tastemaker.Native.Ort;

/// <summary>An execution provider: what we call it, what ONNX Runtime calls it, and how it is added to a session.</summary>
/// <param name="Name">As in <see cref="OrtOptions.Provider"/>.</param>
/// <param name="FullName">As the runtime lists it.</param>
/// <param name="Memory">The name of the memory that its outputs can stay in.</param>
/// <param name="Append">Adds it to a session's options; throws where it does not answer.</param>
internal sealed record OrtProvider(string Name, string FullName, string Memory, Action<OrtSessionOptionsHandle> Append)
{
    private static readonly OrtProvider[] All =
    [
        new("cpu", "CPUExecutionProvider", "Cpu", _ => { }), // Always there, last in line.
        new("webgpu", "WebGpuExecutionProvider", "WebGPU_Buffer", options => OrtApi.AppendProvider(options, "WebGPU")),
        new("cuda", "CUDAExecutionProvider", "Cuda", OrtApi.AppendCuda),
        new("dml", "DmlExecutionProvider", "DML", options => OrtApi.AppendProvider(options, "DML")),
        new("coreml", "CoreMLExecutionProvider", "Cpu", options => OrtApi.AppendProvider(options, "CoreML")),
    ];

    public static OrtProvider Named(string name) => All.FirstOrDefault(provider => provider.Name == name)
        ?? throw new OrtException(OrtErrorCode.InvalidArgument,
            $"there is no provider '{name}'. Choose one of {string.Join(", ", All.Select(provider => provider.Name))}.");

    /// <summary>Those that the loaded runtime was built with, in its order of preference.</summary>
    public static IEnumerable<OrtProvider> BuiltIn() =>
        OrtApi.AvailableProviders().SelectMany(name => All.Where(provider => provider.FullName == name));
}
