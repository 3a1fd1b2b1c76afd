using Tastemaker.Native.Ort;

namespace Tastemaker.Core.Models;

/// <summary>A graph over the state of an <see cref="IteratedSession"/>, which lies still meanwhile. For one thread.</summary>
public sealed class StateReader : IDisposable
{
    private readonly OrtSession _session;
    private readonly OrtBinding _binding;
    private readonly IReadOnlyDictionary<string, OrtTensor> _state;

    internal StateReader(OrtSession session, IReadOnlyDictionary<string, OrtTensor> state)
    {
        (_session, _state) = (session, state);
        _binding = session.Bind();
    }

    /// <summary>Hands in what the following runs read, until it is handed in again.</summary>
    public void Set<T>(string input, ReadOnlySpan<T> values, params ReadOnlySpan<long> shape) where T : unmanaged
    {
        using var tensor = IteratedSession.Tensor(values, shape);
        _binding.Input(input, tensor);
    }

    /// <summary>All outputs, by name.</summary>
    public IReadOnlyDictionary<string, float[]> Run(CancellationToken cancel)
    {
        foreach (var name in _session.Inputs.Where(_state.ContainsKey))
        {
            _binding.Input(name, _state[name]);
        }

        foreach (var name in _session.Outputs)
        {
            _binding.OutputTo(name, OrtPlace.Cpu);
        }

        _binding.Run(cancel);
        var results = _binding.GetOutputs();
        try
        {
            return _session.Outputs.Zip(results, (name, result) => (name, Values: result.AsSpan<float>().ToArray())).ToDictionary(r => r.name, r => r.Values);
        }
        finally
        {
            foreach (var result in results)
            {
                result.Dispose();
            }
        }
    }

    public void Dispose()
    {
        _binding.Dispose();
        _session.Dispose();
    }
}
