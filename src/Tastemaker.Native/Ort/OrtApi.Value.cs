using System.Runtime.InteropServices;

namespace Tastemaker.Native.Ort;

internal static unsafe partial class OrtApi
{
    public static OrtMemoryInfoHandle CreateMemoryInfo(string name)
    {
        using var utf8 = new Utf8(name);
        nint memory;
        Check(Slot.CreateMemoryInfo, ((delegate* unmanaged<nint, int, int, int, nint*, nint>)At(Slot.CreateMemoryInfo))(
            utf8.Pointer, DeviceAllocator, 0, DefaultMemory, &memory));
        return new OrtMemoryInfoHandle(memory);
    }

    /// <summary>A tensor over <paramref name="bytes"/> bytes of memory that <paramref name="owner"/> keeps.</summary>
    public static OrtValueHandle CreateTensor(nint data, long bytes, OrtElement element, ReadOnlySpan<long> shape, SafeHandle owner)
    {
        using var held = new Held(owner);
        using var memory = CreateMemoryInfo("Cpu");
        using var m = new Held(memory);
        nint value;
        fixed (long* dims = shape)
        {
            Check(Slot.CreateTensorWithDataAsOrtValue,
                ((delegate* unmanaged<nint, nint, nuint, long*, nuint, int, nint*, nint>)At(Slot.CreateTensorWithDataAsOrtValue))(
                    m.Pointer, data, (nuint)bytes, dims, (nuint)shape.Length, (int)element, &value));
        }

        return new OrtValueHandle(value, [owner]);
    }

    public static (OrtElement Element, long[] Shape) TypeAndShape(OrtValueHandle value)
    {
        using var v = new Held(value);
        return TypeAndShape(v.Pointer);
    }

    private static (OrtElement Element, long[] Shape) TypeAndShape(nint value)
    {
        using var info = new OrtTensorInfoHandle(Get(Slot.GetTensorTypeAndShape, value));
        using var i = new Held(info);
        int element;
        Check(Slot.GetTensorElementType, ((delegate* unmanaged<nint, int*, nint>)At(Slot.GetTensorElementType))(i.Pointer, &element));
        var shape = new long[(int)Get(Slot.GetDimensionsCount, i.Pointer)];
        fixed (long* dims = shape)
        {
            Check(Slot.GetDimensions, ((delegate* unmanaged<nint, long*, nuint, nint>)At(Slot.GetDimensions))(
                i.Pointer, dims, (nuint)shape.Length));
        }

        return ((OrtElement)element, shape);
    }

    /// <summary>The name of the device whose memory a tensor is in; null for the CPU's.</summary>
    public static string? Device(OrtValueHandle value)
    {
        using var v = new Held(value);
        var memory = Get(Slot.GetTensorMemoryInfo, v.Pointer);
        int device;
        ((delegate* unmanaged<nint, int*, void>)At(Slot.MemoryInfoGetDeviceType))(memory, &device);
        return device == 0 ? null : TextAt(Get(Slot.MemoryInfoGetName, memory));
    }

    public static nint Data(OrtValueHandle value)
    {
        using var v = new Held(value);
        return Get(Slot.GetTensorMutableData, v.Pointer);
    }
}
