namespace Tastemaker.Native.Ort;

/// <summary>Where the results of a binding are put.</summary>
public enum OrtPlace
{
    /// <summary>Into the CPU's memory, where they can be read.</summary>
    Cpu,

    /// <summary>Into the memory of the session's provider, where the next run finds them without a copy.</summary>
    Device,
}

/// <summary>
/// A session's inputs and outputs, bound to tensors until they are bound to others. Every output that is wanted must be
/// bound. Not for use from several threads at once; the tensors may be disposed once they are bound.
/// </summary>
public sealed class OrtBinding : IDisposable
{
    private readonly OrtSession _session;
    private readonly OrtSessionHandle _sessionHandle;
    private readonly string _deviceMemory;
    private readonly OrtBindingHandle _handle;

    // ONNX Runtime keeps the bound values themselves, but not the mappings that they may lie over.
    private readonly Dictionary<string, HeldAll> _inputs = [];

    internal OrtBinding(OrtSession session, OrtSessionHandle sessionHandle, string deviceMemory)
    {
        _session = session;
        _sessionHandle = sessionHandle;
        _deviceMemory = deviceMemory;
        _handle = OrtApi.CreateBinding(sessionHandle);
    }

    /// <summary>Gives an input its tensor; a device's copy of it, if one is needed, is made here.</summary>
    public void Input(string name, OrtTensor tensor)
    {
        // A name that it does not know would leave the runtime's binding broken.
        _session.CheckNames([name], []);
        var held = new HeldAll([tensor.Handle]);
        try
        {
            OrtApi.BindInput(_handle, name, tensor.Handle);
        }
        catch (OrtException)
        {
            held.Dispose();
            throw;
        }

        if (_inputs.Remove(name, out var former))
        {
            former.Dispose();
        }

        _inputs[name] = held;
    }

    /// <summary>Lets an output be written into a tensor of its type and shape.</summary>
    public void Output(string name, OrtTensor tensor)
    {
        _session.CheckNames([], [name]);
        tensor.CheckWritable();
        OrtApi.BindOutput(_handle, name, tensor.Handle);
    }

    /// <summary>Lets an output be written into memory that each run allocates.</summary>
    public void OutputTo(string name, OrtPlace place)
    {
        _session.CheckNames([], [name]);
        using var memory = OrtApi.CreateMemoryInfo(place is OrtPlace.Device ? _deviceMemory : "Cpu");
        OrtApi.BindOutput(_handle, name, memory);
    }

    /// <summary>Runs the graph on what is bound.</summary>
    /// <exception cref="OrtException">An input is not bound, or is of another type or shape than the graph's.</exception>
    public void Run(CancellationToken cancel) => OrtSession.Cancellable(options => OrtApi.Run(_sessionHandle, options, _handle), cancel);

    /// <summary>The outputs of the last run, in the order in which they were first bound, the caller's to dispose.</summary>
    public OrtTensor[] GetOutputs() => OrtSession.Adopt(OrtApi.BoundOutputs(_handle), [_sessionHandle]);

    public void Dispose()
    {
        _handle.Dispose();
        foreach (var held in _inputs.Values)
        {
            held.Dispose();
        }

        _inputs.Clear();
    }
}
