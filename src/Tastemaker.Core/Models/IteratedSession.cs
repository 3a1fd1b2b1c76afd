using Tastemaker.Native.Ort;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Training;

namespace Tastemaker.Core.Models;

/// <summary>
/// A graph that is run again and again on its own results: some of its outputs are inputs of the next run. They stay where they are and
/// are written over what went in, so the graph must be done with an input before it gives the output that takes its place. For one thread.
/// </summary>
public sealed class IteratedSession : IDisposable
{
    private static readonly OrtOperator Adam = new(AdamStep.Domain, AdamStep.Name, AdamStep.Inputs, AdamStep.Outputs, block => AdamStep.Take(
        block.Input(0), block.Input(1), block.Input(2), block.Input(3), block.Input(4)[0], block.Input(5)[0], block.Input(6)[0], block.Input(7)[0],
        block.Output(0), block.Output(1), block.Output(2)));

    private readonly OrtSession _session;
    private readonly OrtBinding _binding;
    private readonly SessionPlace _place;
    private readonly Dictionary<string, OrtTensor> _state = [];
    private readonly IReadOnlyList<Node> _nodes;
    private readonly Func<string, string> _after;
    private readonly string _read;
    private bool _isSettled;

    private IteratedSession(OrtSession session, IReadOnlyList<Node> nodes, Func<string, string> after, string read, SessionPlace place)
    {
        (_session, _nodes, _after, _read, _place) = (session, nodes, after, read, place);
        _binding = session.Bind();
    }

    /// <param name="outputs">What is computed, by name.</param>
    /// <param name="state">The float32 inputs that a run hands to the next.</param>
    /// <param name="after">By the name of such an input that of the output which takes its place.</param>
    /// <param name="initial">What such an input begins as.</param>
    /// <param name="read">The output that each run gives to the caller.</param>
    /// <exception cref="OrtException">The runtime refuses the graph, or the device does not answer.</exception>
    public static IteratedSession Load(
        IReadOnlyDictionary<string, Node> outputs, IReadOnlyList<Node> state, Func<string, string> after, Func<Node, float[]> initial, string read,
        SessionPlace place, CancellationToken cancel)
    {
        var options = new OrtOptions { Provider = place.Device, Threads = place.Threads, Operators = place.IsProcessor ? [Adam] : [] };
        var loaded = new IteratedSession(new(Onnx.Write(Device.Fit(outputs, place.Device)).Bytes, options, null, cancel), state, after, read, place);
        try
        {
            loaded.Begin(initial);
            return loaded;
        }
        catch
        {
            loaded.Dispose();
            throw;
        }
    }

    /// <summary>Begins anew: the state is what it was before the first run.</summary>
    public void Begin(Func<Node, float[]> initial)
    {
        foreach (var node in _nodes)
        {
            var values = initial(node);
            if (_place.IsProcessor && _state.TryGetValue(node.Name, out var kept))
            {
                values.CopyTo(kept.AsSpan<float>());
                continue;
            }

            var tensor = OrtTensor.From<float>(values, OrtElement.Float32, [.. node.Shape.Axes.Select(axis => (long)axis)]);
            Keep(node.Name, tensor);
            if (_place.IsProcessor)
            {
                _binding.Output(_after(node.Name), tensor);
            }
            else
            {
                _binding.OutputTo(_after(node.Name), OrtPlace.Device);
            }
        }

        _isSettled = _place.IsProcessor;
        _binding.OutputTo(_read, OrtPlace.Cpu);
    }

    /// <summary>Hands in what the following runs read, until it is handed in again; what the graph does not read is passed over.</summary>
    public void Set<T>(string input, ReadOnlySpan<T> values, params ReadOnlySpan<long> shape) where T : unmanaged
    {
        if (!_session.Inputs.Contains(input))
        {
            return;
        }

        using var tensor = Tensor(values, shape);
        _binding.Input(input, tensor);
    }

    /// <summary>One run; its results are what the next one begins with.</summary>
    public float[] Run(CancellationToken cancel)
    {
        _binding.Run(cancel);
        var results = _binding.GetOutputs(); // In the order in which they were bound.
        try
        {
            var read = results[^1].AsSpan<float>().ToArray();
            if (!_isSettled)
            {
                Settle(results);
            }

            return read;
        }
        finally
        {
            foreach (var result in results.Except(_state.Values))
            {
                result.Dispose();
            }
        }
    }

    /// <summary>A tensor of the state as the last run left it, where the state is in the processor's memory.</summary>
    public float[] State(string name) => _state[name].AsSpan<float>().ToArray();

    /// <summary>Another graph, which reads the state as the last run left it and changes nothing. It has to be disposed before this session.</summary>
    public StateReader Reader(IReadOnlyDictionary<string, Node> outputs, CancellationToken cancel) =>
        new(new(Onnx.Write(Device.Fit(outputs, _place.Device)).Bytes, new() { Provider = _place.Device, Threads = _place.Threads }, null, cancel), _state);

    public void Dispose()
    {
        _binding.Dispose();
        foreach (var tensor in _state.Values)
        {
            tensor.Dispose();
        }

        _session.Dispose();
    }

    internal static OrtTensor Tensor<T>(ReadOnlySpan<T> values, ReadOnlySpan<long> shape) where T : unmanaged => OrtTensor.From(
        values, typeof(T) == typeof(double) ? OrtElement.Float64 : typeof(T) == typeof(long) ? OrtElement.Int64 : OrtElement.Float32, shape);

    /// <summary>What the first run put into the device's memory is from then on read and written there.</summary>
    private void Settle(OrtTensor[] results)
    {
        foreach (var (node, result) in _nodes.Zip(results))
        {
            Keep(node.Name, result);
            _binding.Output(_after(node.Name), result);
        }

        _isSettled = true;
    }

    private void Keep(string name, OrtTensor tensor)
    {
        if (_state.TryGetValue(name, out var former))
        {
            former.Dispose();
        }

        _state[name] = tensor;
        _binding.Input(name, tensor);
    }
}

/// <summary>Where a session runs.</summary>
/// <param name="Device">A provider of ONNX Runtime, as <see cref="Models.Device.Resolve"/> gives it.</param>
/// <param name="Threads">0: as many as there are processors.</param>
public readonly record struct SessionPlace(string Device, int Threads)
{
    public static readonly SessionPlace Processor = new(Models.Device.Processor, 0);

    /// <summary>Not on a graphics card: tensors are in the program's own memory.</summary>
    public bool IsProcessor => Device == Processor.Device;
}
