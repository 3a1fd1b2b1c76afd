namespace Tastemaker.Native.Ort;

internal static unsafe partial class OrtApi
{
    /// <summary>An operator set with one operator in it.</summary>
    /// <param name="operator">An OrtCustomOp, which has to stay where it is for as long as the set lives.</param>
    public static nint CreateDomain(string name, nint @operator)
    {
        using var utf8 = new Utf8(name);
        var domain = Get(Slot.CreateCustomOpDomain, utf8.Pointer);
        Call(Slot.CustomOpDomain_Add, domain, @operator);
        return domain;
    }

    public static void AddDomain(OrtSessionOptionsHandle options, nint domain)
    {
        using var o = new Held(options);
        Call(Slot.AddCustomOpDomain, o.Pointer, domain);
    }

    /// <summary>The elements of an operator's input, and their shape.</summary>
    public static (nint Address, long[] Shape) KernelInput(nint context, int index)
    {
        nint value;
        Check(Slot.KernelContext_GetInput, ((delegate* unmanaged<nint, nuint, nint*, nint>)At(Slot.KernelContext_GetInput))(context, (nuint)index, &value));
        return (Get(Slot.GetTensorMutableData, value), TypeAndShape(value).Shape);
    }

    /// <summary>Where the elements of an operator's output go.</summary>
    public static nint KernelOutput(nint context, int index, ReadOnlySpan<long> shape)
    {
        nint value;
        fixed (long* dims = shape)
        {
            Check(Slot.KernelContext_GetOutput, ((delegate* unmanaged<nint, nuint, long*, nuint, nint*, nint>)At(Slot.KernelContext_GetOutput))(
                context, (nuint)index, dims, (nuint)shape.Length, &value));
        }

        return Get(Slot.GetTensorMutableData, value);
    }

    /// <summary>Calls for every index below <paramref name="count"/>, on the threads that run the graph, and returns when all are done.</summary>
    public static void ParallelFor(nint context, delegate* unmanaged<OrtOperator.Work*, nuint, void> body, long count, OrtOperator.Work* work) =>
        Check(Slot.KernelContext_ParallelFor,
            ((delegate* unmanaged<nint, delegate* unmanaged<OrtOperator.Work*, nuint, void>, nuint, nuint, OrtOperator.Work*, nint>)At(Slot.KernelContext_ParallelFor))(
            context, body, (nuint)count, 0, work));

    /// <summary>What an operator gives back that failed; the runtime's to release.</summary>
    public static nint CreateStatus(OrtErrorCode code, string message)
    {
        using var utf8 = new Utf8(message);
        return ((delegate* unmanaged<int, nint, nint>)At(Slot.CreateStatus))((int)code, utf8.Pointer);
    }
}
