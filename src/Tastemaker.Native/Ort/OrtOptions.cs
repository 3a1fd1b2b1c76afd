namespace Tastemaker.Native.Ort;

/// <summary>How a session runs its graph.</summary>
public sealed record OrtOptions
{
    /// <summary><c>cpu</c>, <c>webgpu</c>, <c>cuda</c>, <c>dml</c> or <c>coreml</c>. Nodes that it does not take go to the CPU.</summary>
    public string Provider { get; init; } = "cpu";

    /// <summary>Threads that share the work of one node; 0 for one per processor.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// The folder of the files that hold the model's external initializers. ONNX Runtime maps those files itself, and refuses
    /// any outside the folder, also behind links.
    /// </summary>
    public string? ExternalFolder { get; init; }

    /// <summary>
    /// Whether constant weights are rearranged into heap copies when the session is made: faster runs, at the
    /// price of that memory. Without it, weights from <see cref="ExternalFolder"/> are used where they are mapped.
    /// </summary>
    public bool Prepack { get; init; } = true;

    /// <summary>Whether the CPU's memory for intermediate results is kept between runs.</summary>
    public bool Arena { get; init; } = true;

    /// <summary>Operators of our own that nodes of the graph name; they run on the processor.</summary>
    public IReadOnlyList<OrtOperator> Operators { get; init; } = [];

    /// <summary>
    /// Session configuration entries by the keys of onnxruntime_session_options_config_keys.h. Unknown keys are ignored.
    /// </summary>
    public IReadOnlyDictionary<string, string> Config { get; init; } = new Dictionary<string, string>();
}
