using System.Security.Cryptography;
using System.Text;
using Tastemaker.Native;
using Tastemaker.Native.Ort;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Models;

/// <summary>A graph and the checkpoint that it reads, made runnable: the one place where networks and ONNX Runtime meet.</summary>
public sealed class Session : IDisposable
{
    private readonly OrtSession _session;
    private readonly IReadOnlyList<OrtTensor> _weights;

    private Session(OrtSession session, IReadOnlyList<OrtTensor> weights)
    {
        _session = session;
        _weights = weights;
    }

    /// <param name="weights">By the names that the graph uses; they lie in <paramref name="file"/>, which must outlive the session.</param>
    /// <param name="threads">0: as many as there are processors.</param>
    /// <exception cref="OrtException">The device does not answer, or cannot run the graph.</exception>
    public static Session Load(OnnxModel graph, IReadOnlyDictionary<string, StoredTensor> weights, MappedFile file, string device, int threads = 0)
    {
        var handed = new Dictionary<string, OrtTensor>();
        try
        {
            foreach (var node in graph.Weights)
            {
                handed[node.Name] = HandOver(node, weights, file);
            }

            return new(new(graph.Bytes, new() { Provider = device, Threads = threads }, handed), [.. handed.Values]);
        }
        catch
        {
            Dispose(handed.Values);
            throw;
        }
    }

    /// <summary>One float32 output for one input of float32 or int64. Many threads may call.</summary>
    public float[] Run<T>(string input, ReadOnlySpan<T> values, ReadOnlySpan<long> shape, string output, CancellationToken cancel) where T : unmanaged
    {
        var element = typeof(T) == typeof(long) ? OrtElement.Int64 : OrtElement.Float32;
        using var tensor = OrtTensor.From(values, element, shape);
        using var result = _session.Run(new Dictionary<string, OrtTensor> { [input] = tensor }, cancel, output)[0];
        return result.AsSpan<float>().ToArray();
    }

    /// <summary>Identifies what is computed: the graph, the weights, and what was done to the pixels before.</summary>
    /// <param name="weightsHash">SHA-256 of the checkpoint file.</param>
    public static string Fingerprint(OnnxModel graph, string weightsHash, string preparation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(graph.Bytes);
        hash.AppendData(Encoding.UTF8.GetBytes($"|{weightsHash}|{preparation}"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public void Dispose()
    {
        _session.Dispose();
        Dispose(_weights);
    }

    private static void Dispose(IEnumerable<OrtTensor> tensors)
    {
        foreach (var tensor in tensors)
        {
            tensor.Dispose();
        }
    }

    /// <summary>The file's own bytes where they can be used as they lie; else a copy: of a strided view, or quantised for an integer layer.</summary>
    private static OrtTensor HandOver(Node node, IReadOnlyDictionary<string, StoredTensor> weights, MappedFile file)
    {
        var source = new ByteSource(file.Length, file.Read);
        var isInteger = node.Name.EndsWith(Int8Linear.Integers, StringComparison.Ordinal);
        if (isInteger || node.Name.EndsWith(Int8Linear.Scales, StringComparison.Ordinal))
        {
            var weight = weights[node.Name[..node.Name.LastIndexOf('#')]];
            var (integers, scales) = Int8Linear.Quantise(weight.Floats(source), weight.Shape[0], weight.Shape[1]);
            return isInteger
                ? OrtTensor.From<sbyte>(integers, OrtElement.Int8, Axes(node.Shape))
                : OrtTensor.From<float>(scales, OrtElement.Float32, Axes(node.Shape));
        }

        var stored = weights[node.Name];
        if (stored.Strides is not null)
        {
            return OrtTensor.From<float>(stored.Floats(source), OrtElement.Float32, Axes(stored.Shape));
        }

        var element = (OrtElement)stored.Type;
        if (stored.Offset % stored.Type.Size == 0)
        {
            return OrtTensor.Over(file, stored.Offset, element, Axes(stored.Shape));
        }

        var bytes = new byte[stored.Bytes];
        source.Read(stored.Offset, bytes);
        return OrtTensor.From<byte>(bytes, element, Axes(stored.Shape));
    }

    private static long[] Axes(Shape shape) => [.. shape.Axes.Select(axis => (long)axis)];
}
