using Tastemaker.Native.Ort;
using Tastemaker.Nets.Graph;

namespace Tastemaker.Core.Models;

/// <summary>
/// A graph that is run again and again on its own results: some of its outputs are inputs of the next run, and stay where they are.
/// For one thread.
/// </summary>
public sealed class IteratedSession : IDisposable
{
    private readonly OrtSession _session;
    private readonly Dictionary<string, OrtTensor>[] _state = [[], []]; // Of one run and of the next, in turn.
    private readonly OrtBinding[] _bindings;
    private int _runs;

    private IteratedSession(OrtSession session)
    {
        _session = session;
        _bindings = [session.Bind(), session.Bind()];
    }

    /// <param name="outputs">What is computed, by name.</param>
    /// <param name="state">The float32 inputs that a run hands to the next.</param>
    /// <param name="after">By the name of such an input that of the output which takes its place.</param>
    /// <param name="initial">What such an input begins as.</param>
    /// <param name="read">The output that each run gives to the caller.</param>
    /// <exception cref="OrtException">The runtime refuses the graph.</exception>
    public static IteratedSession Load(
        IReadOnlyDictionary<string, Node> outputs, IReadOnlyList<Node> state, Func<string, string> after, Func<Node, float[]> initial, string read, CancellationToken cancel)
    {
        var loaded = new IteratedSession(new(Onnx.Write(outputs).Bytes, new(), null, cancel));
        try
        {
            foreach (var node in state)
            {
                loaded.Keep(node, after(node.Name), initial(node));
            }

            foreach (var binding in loaded._bindings)
            {
                binding.OutputTo(read, OrtPlace.Cpu);
            }

            return loaded;
        }
        catch
        {
            loaded.Dispose();
            throw;
        }
    }

    /// <summary>Hands in what the following runs read, until it is handed in again; what the graph does not read is passed over.</summary>
    public void Set<T>(string input, ReadOnlySpan<T> values, params ReadOnlySpan<long> shape) where T : unmanaged
    {
        if (!_session.Inputs.Contains(input))
        {
            return;
        }

        using var tensor = OrtTensor.From(values, typeof(T) == typeof(double) ? OrtElement.Float64 : OrtElement.Float32, shape);
        foreach (var binding in _bindings)
        {
            binding.Input(input, tensor);
        }
    }

    /// <summary>One run; its results are what the next one begins with.</summary>
    public float[] Run(CancellationToken cancel)
    {
        var binding = _bindings[_runs % 2];
        binding.Run(cancel);
        _runs++;
        var results = binding.GetOutputs();
        try
        {
            return results[^1].AsSpan<float>().ToArray(); // Bound last.
        }
        finally
        {
            foreach (var result in results)
            {
                result.Dispose();
            }
        }
    }

    /// <summary>A tensor of the state as the last run left it.</summary>
    public float[] State(string name) => _state[_runs % 2][name].AsSpan<float>().ToArray();

    public void Dispose()
    {
        foreach (var binding in _bindings)
        {
            binding.Dispose();
        }

        foreach (var tensor in _state.SelectMany(side => side.Values))
        {
            tensor.Dispose();
        }

        _session.Dispose();
    }

    private void Keep(Node node, string after, float[] initial)
    {
        long[] shape = [.. node.Shape.Axes.Select(axis => (long)axis)];
        _state[0][node.Name] = OrtTensor.From<float>(initial, OrtElement.Float32, shape);
        _state[1][node.Name] = OrtTensor.Allocate(OrtElement.Float32, shape);
        for (var side = 0; side < 2; side++)
        {
            _bindings[side].Input(node.Name, _state[side][node.Name]);
            _bindings[side].Output(after, _state[1 - side][node.Name]);
        }
    }
}
