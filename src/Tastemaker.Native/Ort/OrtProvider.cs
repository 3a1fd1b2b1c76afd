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
        new("webgpu", "WebGpuExecutionProvider", "WebGPU_Buffer", options => OrtApi.AppendProvider(options, "WebGPU")) { Turn = new() },
        new("cuda", "CUDAExecutionProvider", "Cuda", OrtApi.AppendCuda),
        new("dml", "DmlExecutionProvider", "DML", options => OrtApi.AppendProvider(options, "DML")) { Turn = new() },
        new("coreml", "CoreMLExecutionProvider", "Cpu", options => OrtApi.AppendProvider(options, "CoreML")),
    ];

    /// <summary>
    /// Held by whatever touches the device, where the provider takes one caller at a time: WebGPU's sessions share what they record commands into, and two
    /// that run at once end the process (microsoft/onnxruntime#32561, #31627); of DirectML's sessions each takes one call.
    /// </summary>
    public Lock? Turn { get; private init; }

    public static OrtProvider Named(string name) => All.FirstOrDefault(provider => provider.Name == name)
        ?? throw new OrtException(OrtErrorCode.InvalidArgument,
            $"there is no provider '{name}'. Choose one of {string.Join(", ", All.Select(provider => provider.Name))}.");

    /// <summary>Waits until nobody else touches the device, where that has to be.</summary>
    public Lock.Scope TakeTurn() => Take(Turn);

    public static Lock.Scope Take(Lock? turn) => turn is null ? default : turn.EnterScope();

    /// <summary>Those that the loaded runtime was built with, in its order of preference.</summary>
    public static IEnumerable<OrtProvider> BuiltIn() =>
        OrtApi.AvailableProviders().SelectMany(name => All.Where(provider => provider.FullName == name));
}
