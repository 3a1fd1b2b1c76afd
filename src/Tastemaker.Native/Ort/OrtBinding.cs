using System.Runtime.InteropServices;

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
    private readonly OrtProvider _provider;
    private readonly OrtBindingHandle _handle;

    // ONNX Runtime keeps the bound values themselves, but not the memory that they lie over.
    private readonly Dictionary<string, HeldAll> _inputs = [];
    private readonly Dictionary<string, HeldAll> _outputs = [];

    internal OrtBinding(OrtSession session, OrtSessionHandle sessionHandle, OrtProvider provider)
    {
        _session = session;
        _sessionHandle = sessionHandle;
        _provider = provider;
        _handle = OrtApi.CreateBinding(sessionHandle, provider.Turn);
    }

    /// <summary>Gives an input its tensor; a device's copy of it, if one is needed, is made here.</summary>
    public void Input(string name, OrtTensor tensor)
    {
        // A name that it does not know would leave the runtime's binding broken.
        _session.CheckNames([name], []);
        Keep(_inputs, name, [tensor.Handle], () => OrtApi.BindInput(_handle, name, tensor.Handle));
    }

    /// <summary>Lets an output be written into a tensor of its type and shape.</summary>
    public void Output(string name, OrtTensor tensor)
    {
        _session.CheckNames([], [name]);
        tensor.CheckWritable();
        Keep(_outputs, name, [tensor.Handle], () => OrtApi.BindOutput(_handle, name, tensor.Handle));
    }

    /// <summary>Lets an output be written into memory that each run allocates.</summary>
    public void OutputTo(string name, OrtPlace place)
    {
        _session.CheckNames([], [name]);
        using var memory = OrtApi.CreateMemoryInfo(place is OrtPlace.Device ? _provider.Memory : "Cpu");
        Keep(_outputs, name, [], () => OrtApi.BindOutput(_handle, name, memory));
    }

    /// <summary>Runs the graph on what is bound.</summary>
    /// <exception cref="OrtException">An input is not bound, or is of another type or shape than the graph's.</exception>
    public void Run(CancellationToken cancel)
    {
        using var turn = _provider.TakeTurn();
        OrtSession.Cancellable(options => OrtApi.Run(_sessionHandle, options, _handle), cancel);
    }

    /// <summary>The outputs of the last run, in the order in which they were first bound, the caller's to dispose.</summary>
    public OrtTensor[] GetOutputs() => OrtSession.Adopt(OrtApi.BoundOutputs(_handle),
        [_sessionHandle, .. _outputs.Values.SelectMany(held => held.Handles)], _provider.Turn);

    public void Dispose()
    {
        _handle.Dispose();
        foreach (var held in _inputs.Values.Concat(_outputs.Values))
        {
            held.Dispose();
        }

        _inputs.Clear();
        _outputs.Clear();
    }

    private void Keep(Dictionary<string, HeldAll> kept, string name, IReadOnlyCollection<SafeHandle> handles, Action bind)
    {
        var held = new HeldAll(handles);
        try
        {
            using var turn = _provider.TakeTurn();
            bind();
        }
        catch
        {
            held.Dispose();
            throw;
        }

        if (kept.Remove(name, out var former))
        {
            former.Dispose();
        }

        kept[name] = held;
    }
}
