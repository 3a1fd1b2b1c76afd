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

    private Session(OrtSession session) => _session = session;

    /// <param name="outputs">What is computed, by name.</param>
    /// <param name="weights">By the names that the graph uses; they lie in <paramref name="file"/>, which may be closed afterwards.</param>
    /// <param name="threads">0: as many as there are processors.</param>
    /// <exception cref="OrtException">The device does not answer, or cannot run the graph.</exception>
    public static Session Load(
        IReadOnlyDictionary<string, Node> outputs, IReadOnlyDictionary<string, StoredTensor> weights, MappedFile file, string device, int threads = 0)
    {
        // The checkpoint is mapped by ONNX Runtime under its real name: links out of its folder are refused.
        var real = new FileInfo(File.ResolveLinkTarget(file.Path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(file.Path));
        var graph = Onnx.Write(Device.Fit(outputs, device), node =>
            weights.TryGetValue(node.Name, out var stored) && stored.Strides is null ? new(real.Name, stored.Offset, stored.Bytes) : null);
        var handed = new Dictionary<string, OrtTensor>();
        try
        {
            foreach (var node in graph.Weights)
            {
                HandOver(node, weights, new(file.Length, file.Read), handed);
            }

            return new(new(graph.Bytes, new() { Provider = device, Threads = threads, ExternalFolder = real.DirectoryName }, handed));
        }
        finally
        {
            foreach (var tensor in handed.Values)
            {
                tensor.Dispose();
            }
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

    /// <summary>One float32 output for inputs of float32. Many threads may call.</summary>
    public float[] Run(IReadOnlyList<SessionInput> inputs, string output, CancellationToken cancel)
    {
        var tensors = new Dictionary<string, OrtTensor>();
        try
        {
            foreach (var input in inputs)
            {
                tensors.Add(input.Name, OrtTensor.From(input.Values.Span, OrtElement.Float32, input.Shape.Span));
            }

            using var result = _session.Run(tensors, cancel, output)[0];
            return result.AsSpan<float>().ToArray();
        }
        finally
        {
            foreach (var tensor in tensors.Values)
            {
                tensor.Dispose();
            }
        }
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

    public void Dispose() => _session.Dispose();

    /// <summary>What cannot be used as it lies in the file: a strided view, or weights quantised for an integer layer with their scales.</summary>
    private static void HandOver(Node node, IReadOnlyDictionary<string, StoredTensor> weights, ByteSource source, Dictionary<string, OrtTensor> handed)
    {
        if (weights.TryGetValue(node.Name, out var view))
        {
            handed[node.Name] = OrtTensor.From<float>(view.Floats(source), OrtElement.Float32, Axes(view.Shape));
        }
        else if (node.Name.EndsWith(Int8Linear.Integers, StringComparison.Ordinal))
        {
            var names = node.Name[..^Int8Linear.Integers.Length];
            var (inputs, columns, first) = (node.Shape[0], node.Shape[1], 0);
            var (integers, scales) = (new sbyte[inputs * columns], new float[columns]);
            foreach (var weight in names.Split(Int8Linear.And).Select(name => weights[name]))
            {
                Int8Linear.Quantise(weight.Floats(source), integers, columns, first, scales.AsSpan(first, weight.Shape[0]));
                first += weight.Shape[0];
            }

            handed[node.Name] = OrtTensor.From<sbyte>(integers, OrtElement.Int8, inputs, columns);
            handed[names + Int8Linear.Scales] = OrtTensor.From<float>(scales, OrtElement.Float32, columns);
        }
    }

    private static long[] Axes(Shape shape) => [.. shape.Axes.Select(axis => (long)axis)];
}

/// <summary>What one run reads under a name.</summary>
public readonly record struct SessionInput(string Name, ReadOnlyMemory<float> Values, ReadOnlyMemory<long> Shape);
