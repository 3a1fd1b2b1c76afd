namespace Tastemaker.Core.Embedding;

/// <summary>
/// Gathers vectors and appends them every 64, or every 2 s where they come slowly: few flushes, and little to compute again after a kill.
/// Used by one thread.
/// </summary>
public sealed class VectorWriter : IDisposable
{
    private const int BatchRows = 64;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    private readonly VectorStore _store;
    private readonly TimeProvider _clock;
    private readonly List<NewVector> _batch = new(BatchRows);
    private long _since;

    internal VectorWriter(VectorStore store, TimeProvider clock)
    {
        _store = store;
        _clock = clock;
    }

    /// <summary>Keeps one vector, soon.</summary>
    /// <param name="numbers">Not normalised; copied.</param>
    /// <exception cref="EmbeddingException">The vector has a number that is not finite, and is not kept; or a batch could not be written.</exception>
    public void Add(long imageId, ReadOnlySpan<float> numbers)
    {
        _store.Demand(numbers);
        if (_batch.Count == 0)
        {
            _since = _clock.GetTimestamp();
        }

        _batch.Add(new(imageId, numbers.ToArray()));
        if (_batch.Count >= BatchRows || _clock.GetElapsedTime(_since) >= LongestWait)
        {
            Flush();
        }
    }

    /// <summary>Appends what was gathered; after it, nothing of that can be lost.</summary>
    public void Flush()
    {
        if (_batch.Count > 0)
        {
            _store.Append(_batch);
            _batch.Clear();
        }
    }

    public void Dispose() => Flush();
}
