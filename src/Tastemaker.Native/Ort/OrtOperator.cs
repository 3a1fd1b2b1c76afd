using System.Runtime.InteropServices;

namespace Tastemaker.Native.Ort;

/// <summary>Computes a block of each output from that of each input. It is called from threads of the runtime and must not throw.</summary>
public delegate void OrtElementwise(OrtBlock block);

/// <summary>
/// An operator of our own for graphs on the processor: float32 tensors of one size, and single numbers, to tensors of that size, element by element.
/// The runtime's threads share its blocks, which are small enough for all that is read and written of them to stay in a core's cache.
/// </summary>
public sealed unsafe class OrtOperator
{
    private const int BlockLength = 1 << 13;

    private readonly string _name;
    private readonly int _inputs, _outputs;
    private readonly OrtElementwise _compute;
    private readonly Lazy<nint> _domain;

    /// <param name="domain">The operator set that its nodes name, in version 1; no other operator is in it.</param>
    /// <param name="inputs">How many; the first has the size of the outputs, each other one has it too or is a single number.</param>
    public OrtOperator(string domain, string name, int inputs, int outputs, OrtElementwise compute)
    {
        (_name, _inputs, _outputs, _compute) = (name, inputs, outputs, compute);
        _domain = new(() => OrtApi.CreateDomain(domain, (nint)Native()));
    }

    /// <summary>Kept while the process lives, as sessions point into it.</summary>
    internal nint Domain => _domain.Value;

    private void Run(nint context, nint self)
    {
        Span<nint> addresses = stackalloc nint[_inputs + _outputs];
        Span<long> counts = stackalloc long[addresses.Length];
        var shape = Array.Empty<long>();
        for (var i = 0; i < _inputs; i++)
        {
            (addresses[i], var axes) = OrtApi.KernelInput(context, i);
            counts[i] = axes.Aggregate(1L, (product, axis) => product * axis);
            shape = i == 0 ? axes : shape;
            if (counts[i] != counts[0] && counts[i] != 1)
            {
                throw new OrtException(OrtErrorCode.InvalidArgument, $"{_name}: input {i} has {counts[i]} elements; {counts[0]}, as the first has, or one are wanted.");
            }
        }

        for (var i = _inputs; i < addresses.Length; i++)
        {
            (addresses[i], counts[i]) = (OrtApi.KernelOutput(context, i - _inputs, shape), counts[0]);
        }

        fixed (nint* a = addresses)
        fixed (long* c = counts)
        {
            var work = new Work { Addresses = a, Counts = c, Inputs = _inputs, Operator = self };
            OrtApi.ParallelFor(context, &RunBlock, (counts[0] + BlockLength - 1) / BlockLength, &work);
        }
    }

    [UnmanagedCallersOnly]
    private static void RunBlock(Work* work, nuint index)
    {
        var start = (long)index * BlockLength;
        At(work->Operator)._compute(new(work, start, (int)Math.Min(BlockLength, work->Counts[0] - start)));
    }

    private Callbacks* Native()
    {
        var native = (Callbacks*)NativeMemory.AllocZeroed((nuint)sizeof(Callbacks));
        *native = new()
        {
            Version = Callbacks.StructVersion,
            GetName = &GetName,
            GetExecutionProviderType = &Provider,
            GetInputType = &ElementType,
            GetInputTypeCount = &InputCount,
            GetOutputType = &ElementType,
            GetOutputTypeCount = &OutputCount,
            KernelDestroy = &Destroy,
            GetInputCharacteristic = &Characteristic,
            GetOutputCharacteristic = &Characteristic,
            GetInputMemoryType = &MemoryType,
            CreateKernel = &Create,
            KernelCompute = &Run,
            Name = Marshal.StringToCoTaskMemUTF8(_name),
            Operator = GCHandle.ToIntPtr(GCHandle.Alloc(this)),
        };
        return native;
    }

    private static OrtOperator At(nint handle) => (OrtOperator)GCHandle.FromIntPtr(handle).Target!;

    [UnmanagedCallersOnly]
    private static nint GetName(Callbacks* native) => native->Name;

    [UnmanagedCallersOnly]
    private static nint Provider(Callbacks* native) => 0; // The processor's.

    [UnmanagedCallersOnly]
    private static int ElementType(Callbacks* native, nuint index) => (int)OrtElement.Float32;

    [UnmanagedCallersOnly]
    private static nuint InputCount(Callbacks* native) => (nuint)At(native->Operator)._inputs;

    [UnmanagedCallersOnly]
    private static nuint OutputCount(Callbacks* native) => (nuint)At(native->Operator)._outputs;

    [UnmanagedCallersOnly]
    private static int Characteristic(Callbacks* native, nuint index) => 0; // Required.

    [UnmanagedCallersOnly]
    private static int MemoryType(Callbacks* native, nuint index) => 0; // Where the provider's tensors are.

    [UnmanagedCallersOnly]
    private static nint Create(Callbacks* native, nint api, nint info, Callbacks** kernel)
    {
        *kernel = native; // It has no state, so the operator is its own kernel.
        return 0;
    }

    [UnmanagedCallersOnly]
    private static void Destroy(Callbacks* kernel)
    {
    }

    [UnmanagedCallersOnly]
    private static nint Run(Callbacks* kernel, nint context)
    {
        try
        {
            At(kernel->Operator).Run(context, kernel->Operator);
            return 0;
        }
        catch (Exception e) when (e is OrtException or OutOfMemoryException)
        {
            return OrtApi.CreateStatus(e is OrtException ort ? ort.Code : OrtErrorCode.Fail, e.Message);
        }
    }

    /// <summary>What the blocks of one run share.</summary>
    internal struct Work
    {
        public nint* Addresses;
        public long* Counts;
        public int Inputs;
        public nint Operator;
    }

    /// <summary>
    /// OrtCustomOp of onnxruntime_c_api.h as its version 16 has it, whose later fields are then not looked at, and what is ours behind it. Those that
    /// are left out here are for older versions, or for inputs whose number varies.
    /// </summary>
    [StructLayout(LayoutKind.Explicit)]
    private struct Callbacks
    {
        public const uint StructVersion = 16;
        private const int Word = 8;

        [FieldOffset(0 * Word)] public uint Version;
        [FieldOffset(2 * Word)] public delegate* unmanaged<Callbacks*, nint> GetName;
        [FieldOffset(3 * Word)] public delegate* unmanaged<Callbacks*, nint> GetExecutionProviderType;
        [FieldOffset(4 * Word)] public delegate* unmanaged<Callbacks*, nuint, int> GetInputType;
        [FieldOffset(5 * Word)] public delegate* unmanaged<Callbacks*, nuint> GetInputTypeCount;
        [FieldOffset(6 * Word)] public delegate* unmanaged<Callbacks*, nuint, int> GetOutputType;
        [FieldOffset(7 * Word)] public delegate* unmanaged<Callbacks*, nuint> GetOutputTypeCount;
        [FieldOffset(9 * Word)] public delegate* unmanaged<Callbacks*, void> KernelDestroy;
        [FieldOffset(10 * Word)] public delegate* unmanaged<Callbacks*, nuint, int> GetInputCharacteristic;
        [FieldOffset(11 * Word)] public delegate* unmanaged<Callbacks*, nuint, int> GetOutputCharacteristic;
        [FieldOffset(12 * Word)] public delegate* unmanaged<Callbacks*, nuint, int> GetInputMemoryType;
        [FieldOffset(17 * Word)] public delegate* unmanaged<Callbacks*, nint, nint, Callbacks**, nint> CreateKernel;
        [FieldOffset(18 * Word)] public delegate* unmanaged<Callbacks*, nint, nint> KernelCompute;
        [FieldOffset(19 * Word)] public nint Name;
        [FieldOffset(20 * Word)] public nint Operator;
    }
}

/// <summary>A stretch of the elements that an operator computes.</summary>
public readonly unsafe ref struct OrtBlock
{
    private readonly OrtOperator.Work* _work;
    private readonly long _start;
    private readonly int _length;

    internal OrtBlock(OrtOperator.Work* work, long start, int length)
    {
        _work = work;
        (_start, _length) = (start, length);
    }

    /// <summary>The elements of the block, or the one number that an input is.</summary>
    public ReadOnlySpan<float> Input(int index) =>
        _work->Counts[index] == 1 ? new((float*)_work->Addresses[index], 1) : new((float*)_work->Addresses[index] + _start, _length);

    /// <summary>May lie where an input does.</summary>
    public Span<float> Output(int index) => new((float*)_work->Addresses[_work->Inputs + index] + _start, _length);
}
