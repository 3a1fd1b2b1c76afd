using System.Runtime.InteropServices;

namespace Tastemaker.Native.Ort;

/// <summary>
/// A graph made ready to run. Any number of threads may run it at once (on some providers they wait for each other); disposing it lets the runs under way finish first.
/// </summary>
/// <remarks>
/// Weights need not be among the model's bytes: an initializer with <c>data_location = EXTERNAL</c>, its type and its
/// dimensions takes its values from elsewhere, as was seen with ONNX Runtime 1.30:
/// <list type="bullet">
/// <item>From a tensor in <c>initializers</c>, of the same type and dimensions. <c>external_data</c> may then be empty, and a
/// location in it is not looked at. Each must be one that a node of the graph uses, and not have inline data; an external
/// initializer that is neither here nor in a file is an error, too. The runtime copies the values, packed or not
/// (<see cref="OrtOptions.Prepack"/>), to the heap, one weight after the other.</item>
/// <item>From a file: <c>external_data</c> has <c>location</c> (relative to <see cref="OrtOptions.ExternalFolder"/>; absolute
/// paths and those that lead out of the folder are refused), <c>offset</c> and <c>length</c> in bytes as decimal text. With
/// <see cref="OrtOptions.Prepack"/> off the values stay in the mapped file and take no memory of the process.</item>
/// </list>
/// What the shapes of the graph are inferred from, such as the second input of a Reshape, must be inline.
/// </remarks>
public sealed class OrtSession : IDisposable
{
    // One environment per process, as ONNX Runtime wants it; it lives as long as the process.
    private static readonly Lazy<OrtEnvHandle> Env = new(() => OrtApi.CreateEnv("tastemaker"));

    private readonly OrtSessionHandle _handle;
    private readonly OrtProvider _provider;

    /// <param name="model">An ONNX ModelProto.</param>
    /// <param name="initializers">By name; their memory is not used any more once the session is made.</param>
    /// <param name="cancel">Also stops the optimisation of the graph and the packing of the weights.</param>
    /// <exception cref="OrtException">The provider does not answer, or the runtime refuses the model.</exception>
    /// <exception cref="NativeLibraryException">ONNX Runtime is not there.</exception>
    public OrtSession(ReadOnlySpan<byte> model, OrtOptions options,
        IReadOnlyDictionary<string, OrtTensor>? initializers = null, CancellationToken cancel = default)
    {
        cancel.ThrowIfCancellationRequested();
        _provider = OrtProvider.Named(options.Provider);
        var env = Env.Value;
        using var turn = _provider.TakeTurn();
        using var native = Native(options, _provider);
        var weights = initializers ?? new Dictionary<string, OrtTensor>();
        using var held = new HeldAll([.. weights.Values.Select(tensor => tensor.Handle)]);
        if (weights.Count > 0)
        {
            OrtApi.AddExternalInitializers(native, weights.Keys, held);
        }

        using var registration = cancel.UnsafeRegister(
            static state => OrtApi.CancelLoad((OrtSessionOptionsHandle)state!), native);
        try
        {
            _handle = OrtApi.CreateSession(env, model, native, _provider.Turn);
        }
        catch (OrtException e) when (cancel.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, cancel);
        }

        Inputs = OrtApi.InputNames(_handle);
        Outputs = OrtApi.OutputNames(_handle);
        if (Inputs.FirstOrDefault(Outputs.Contains) is { } name)
        {
            // Its tensor would share the input's memory, and not keep it.
            _handle.Dispose();
            throw new OrtException(OrtErrorCode.InvalidGraph,
                $"the graph hands its input '{name}' out as an output. Put an Identity between them.");
        }
    }

    public IReadOnlyList<string> Inputs { get; }

    public IReadOnlyList<string> Outputs { get; }

    /// <summary>Runs the graph.</summary>
    /// <param name="cancel">Stops the run before its next node, also inside loops; a node that has begun is finished.</param>
    /// <param name="outputs">Which to compute; all of them where none is named.</param>
    /// <returns>The outputs in the order asked for, the caller's to dispose.</returns>
    /// <exception cref="OrtException">
    /// A name is unknown, or an input is missing or of another type or shape than the graph's.
    /// </exception>
    public OrtTensor[] Run(IReadOnlyDictionary<string, OrtTensor> inputs, CancellationToken cancel,
        params ReadOnlySpan<string> outputs)
    {
        string[] wanted = outputs.IsEmpty ? [.. Outputs] : outputs.ToArray();
        CheckNames(inputs.Keys, wanted);
        var results = Array.Empty<nint>();
        using var held = new HeldAll([.. inputs.Values.Select(tensor => tensor.Handle)]);
        using var turn = _provider.TakeTurn();
        Cancellable(options => results = OrtApi.Run(_handle, options, inputs.Keys, held, wanted), cancel);
        return Adopt(results, [], _provider.Turn);
    }

    /// <summary>Inputs and outputs bound to tensors once, for many runs or for results that stay on the device.</summary>
    public OrtBinding Bind() => new(this, _handle, _provider);

    public void Dispose() => _handle.Dispose();

    /// <summary>Refuses names that the graph does not have.</summary>
    internal void CheckNames(IEnumerable<string> inputs, IEnumerable<string> outputs)
    {
        Check("input", inputs, Inputs);
        Check("output", outputs, Outputs);

        static void Check(string kind, IEnumerable<string> names, IReadOnlyList<string> known)
        {
            if (names.FirstOrDefault(name => !known.Contains(name)) is { } stranger)
            {
                throw new OrtException(OrtErrorCode.InvalidArgument,
                    $"the graph has no {kind} '{stranger}'; it has {string.Join(", ", known.Select(name => $"'{name}'"))}.");
            }
        }
    }

    /// <summary>Runs something with run options that <paramref name="cancel"/> terminates.</summary>
    internal static void Cancellable(Action<OrtRunOptionsHandle> run, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        using var options = OrtApi.CreateRunOptions();
        using var registration = cancel.UnsafeRegister(static state => OrtApi.Terminate((OrtRunOptionsHandle)state!), options);
        try
        {
            run(options);
        }
        catch (OrtException e) when (cancel.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, cancel);
        }
    }

    /// <summary>Makes tensors of values that the runtime handed out, all or none.</summary>
    internal static OrtTensor[] Adopt(nint[] values, IReadOnlyCollection<SafeHandle> keeps, Lock? turn)
    {
        var handles = values.Select(value => new OrtValueHandle(value, keeps, turn)).ToArray();
        try
        {
            return [.. handles.Select(OrtTensor.Adopt)];
        }
        catch (OrtException)
        {
            foreach (var handle in handles)
            {
                handle.Dispose();
            }

            throw;
        }
    }

    private static OrtSessionOptionsHandle Native(OrtOptions options, OrtProvider provider)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Threads);
        var native = OrtApi.CreateSessionOptions(options.Threads > 0 ? options.Threads : Environment.ProcessorCount);
        try
        {
            if (!options.Arena)
            {
                OrtApi.DisableCpuArena(native);
            }

            if (!options.Prepack)
            {
                OrtApi.AddConfig(native, "session.disable_prepacking", "1");
            }

            if (options.ExternalFolder is not null)
            {
                OrtApi.AddConfig(native, "session.model_external_initializers_file_folder_path",
                    Path.GetFullPath(options.ExternalFolder));
            }

            foreach (var (key, value) in options.Config)
            {
                OrtApi.AddConfig(native, key, value);
            }

            foreach (var own in options.Operators)
            {
                OrtApi.AddDomain(native, own.Domain);
            }

            Append(native, provider);
            return native;
        }
        catch
        {
            native.Dispose();
            throw;
        }
    }

    private static void Append(OrtSessionOptionsHandle options, OrtProvider provider)
    {
        try
        {
            provider.Append(options);
        }
        catch (OrtException e)
        {
            throw new OrtException(e.Code, $"provider '{provider.Name}' does not answer. {e.Message}");
        }
    }
}
