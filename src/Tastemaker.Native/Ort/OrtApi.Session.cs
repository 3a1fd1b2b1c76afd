namespace Tastemaker.Native.Ort;

internal static unsafe partial class OrtApi
{
    /// <summary>Options with every optimisation on, quiet.</summary>
    public static OrtSessionOptionsHandle CreateSessionOptions(int threads)
    {
        var options = Get(Slot.CreateSessionOptions);
        var handle = new OrtSessionOptionsHandle(options);
        Call(Slot.SetSessionLogSeverityLevel, options, LogSeverity);
        Call(Slot.SetSessionGraphOptimizationLevel, options, OptimizeAll);
        Call(Slot.SetIntraOpNumThreads, options, threads);
        return handle;
    }

    public static void DisableCpuArena(OrtSessionOptionsHandle options)
    {
        using var o = new Held(options);
        Call(Slot.DisableCpuMemArena, o.Pointer);
    }

    public static void AddConfig(OrtSessionOptionsHandle options, string key, string value)
    {
        using var o = new Held(options);
        using var k = new Utf8(key);
        using var v = new Utf8(value);
        Call(Slot.AddSessionConfigEntry, o.Pointer, k.Pointer, v.Pointer);
    }

    /// <summary>Adds any provider but CUDA, by the name of the C API, such as <c>WebGPU</c>.</summary>
    public static void AppendProvider(OrtSessionOptionsHandle options, string name)
    {
        using var o = new Held(options);
        using var utf8 = new Utf8(name);
        Check(Slot.SessionOptionsAppendExecutionProvider,
            ((delegate* unmanaged<nint, nint, nint*, nint*, nuint, nint>)At(Slot.SessionOptionsAppendExecutionProvider))(
                o.Pointer, utf8.Pointer, null, null, 0));
    }

    public static void AppendCuda(OrtSessionOptionsHandle options)
    {
        using var o = new Held(options);
        using var cuda = new OrtCudaOptionsHandle(Get(Slot.CreateCUDAProviderOptions));
        using var c = new Held(cuda);
        Call(Slot.SessionOptionsAppendExecutionProvider_CUDA_V2, o.Pointer, c.Pointer);
    }

    public static void AddExternalInitializers(OrtSessionOptionsHandle options, IEnumerable<string> names, HeldAll values)
    {
        using var o = new Held(options);
        using var utf8 = new Utf8Array(names);
        var pointers = values.Pointers;
        fixed (nint* n = utf8.Pointers, v = pointers)
        {
            Check(Slot.AddExternalInitializers,
                ((delegate* unmanaged<nint, nint*, nint*, nuint, nint>)At(Slot.AddExternalInitializers))(
                o.Pointer, n, v, (nuint)pointers.Length));
        }
    }

    /// <summary>Makes the creation of a session with these options give up soon, from any thread.</summary>
    public static void CancelLoad(OrtSessionOptionsHandle options)
    {
        using var o = new Held(options);
        Check(Slot.SessionOptionsSetLoadCancellationFlag,
            ((delegate* unmanaged<nint, byte, nint>)At(Slot.SessionOptionsSetLoadCancellationFlag))(o.Pointer, 1));
    }

    public static OrtSessionHandle CreateSession(OrtEnvHandle env, ReadOnlySpan<byte> model, OrtSessionOptionsHandle options, Lock? turn)
    {
        using var e = new Held(env);
        using var o = new Held(options);
        nint session;
        fixed (byte* bytes = model)
        {
            Check(Slot.CreateSessionFromArray,
                ((delegate* unmanaged<nint, byte*, nuint, nint, nint*, nint>)At(Slot.CreateSessionFromArray))(
                e.Pointer, bytes, (nuint)model.Length, o.Pointer, &session));
        }

        return new OrtSessionHandle(session, env, turn);
    }

    public static string[] InputNames(OrtSessionHandle session) =>
        Names(session, Slot.SessionGetInputCount, Slot.SessionGetInputName);

    public static string[] OutputNames(OrtSessionHandle session) =>
        Names(session, Slot.SessionGetOutputCount, Slot.SessionGetOutputName);

    public static OrtRunOptionsHandle CreateRunOptions() => new(Get(Slot.CreateRunOptions));

    /// <summary>Makes the runs with these options stop before their next node, from any thread.</summary>
    public static void Terminate(OrtRunOptionsHandle options)
    {
        using var o = new Held(options);
        Call(Slot.RunOptionsSetTerminate, o.Pointer);
    }

    public static nint[] Run(OrtSessionHandle session, OrtRunOptionsHandle options, IEnumerable<string> inputNames,
        HeldAll inputs, IReadOnlyList<string> outputNames)
    {
        using var s = new Held(session);
        using var o = new Held(options);
        using var ins = new Utf8Array(inputNames);
        using var outs = new Utf8Array(outputNames);
        var values = inputs.Pointers;
        var results = new nint[outputNames.Count];
        fixed (nint* i = ins.Pointers, v = values, n = outs.Pointers, r = results)
        {
            Check(Slot.Run, ((delegate* unmanaged<nint, nint, nint*, nint*, nuint, nint*, nuint, nint*, nint>)At(Slot.Run))(
                s.Pointer, o.Pointer, i, v, (nuint)values.Length, n, (nuint)results.Length, r));
        }

        return results;
    }

    public static OrtBindingHandle CreateBinding(OrtSessionHandle session, Lock? turn)
    {
        using var s = new Held(session);
        return new OrtBindingHandle(Get(Slot.CreateIoBinding, s.Pointer), session, turn);
    }

    public static void BindInput(OrtBindingHandle binding, string name, OrtValueHandle value) =>
        Bind(Slot.BindInput, binding, name, value);

    public static void BindOutput(OrtBindingHandle binding, string name, OrtValueHandle value) =>
        Bind(Slot.BindOutput, binding, name, value);

    public static void BindOutput(OrtBindingHandle binding, string name, OrtMemoryInfoHandle memory) =>
        Bind(Slot.BindOutputToDevice, binding, name, memory);

    public static void Run(OrtSessionHandle session, OrtRunOptionsHandle options, OrtBindingHandle binding)
    {
        using var s = new Held(session);
        using var o = new Held(options);
        using var b = new Held(binding);
        Call(Slot.RunWithBinding, s.Pointer, o.Pointer, b.Pointer);
    }

    /// <summary>The outputs in the order in which they were first bound; values without a tensor where no run made one yet.</summary>
    public static nint[] BoundOutputs(OrtBindingHandle binding)
    {
        using var b = new Held(binding);
        var allocator = Get(Slot.GetAllocatorWithDefaultOptions);
        nint* values;
        nuint count;
        Check(Slot.GetBoundOutputValues, ((delegate* unmanaged<nint, nint, nint**, nuint*, nint>)At(Slot.GetBoundOutputValues))(
            b.Pointer, allocator, &values, &count));
        if (count == 0)
        {
            return [];
        }

        var result = new ReadOnlySpan<nint>(values, (int)count).ToArray();
        Call(Slot.AllocatorFree, allocator, (nint)values);
        return result;
    }

    private static void Bind(Slot slot, OrtBindingHandle binding, string name, OrtHandle target)
    {
        using var b = new Held(binding);
        using var utf8 = new Utf8(name);
        using var t = new Held(target);
        Call(slot, b.Pointer, utf8.Pointer, t.Pointer);
    }

    private static string[] Names(OrtSessionHandle session, Slot getCount, Slot getName)
    {
        using var s = new Held(session);
        var allocator = Get(Slot.GetAllocatorWithDefaultOptions);
        var names = new string[(int)Get(getCount, s.Pointer)];
        for (var i = 0; i < names.Length; i++)
        {
            nint name;
            Check(getName, ((delegate* unmanaged<nint, nuint, nint, nint*, nint>)At(getName))(s.Pointer, (nuint)i, allocator, &name));
            names[i] = TextAt(name);
            Call(Slot.AllocatorFree, allocator, name);
        }

        return names;
    }
}
