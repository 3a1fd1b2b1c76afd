using Tastemaker.Core.Models;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Embedding;

/// <summary>A session that is made when it is first needed, and runs one request at a time.</summary>
/// <param name="model">Belongs to the session: its mapped weights end with it.</param>
internal sealed class LazySession(OpenModel model, IReadOnlyDictionary<string, Node> outputs, IReadOnlyDictionary<string, StoredTensor> weights, EncoderOptions options) : IDisposable
{
    private readonly Lock _turn = new();
    private Session? _session;

    public float[] Run<T>(string input, ReadOnlySpan<T> values, ReadOnlySpan<long> shape, string output, CancellationToken cancel) where T : unmanaged
    {
        lock (_turn)
        {
            cancel.ThrowIfCancellationRequested();
            _session ??= Session.Load(outputs, weights, model.File, Device.Resolve(options.Device, options.FellBack));
            return _session.Run(input, values, shape, output, cancel);
        }
    }

    public void Dispose()
    {
        _session?.Dispose();
        model.Dispose();
    }
}
