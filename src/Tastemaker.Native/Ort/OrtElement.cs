using System.Diagnostics.CodeAnalysis;

namespace Tastemaker.Native.Ort;

/// <summary>The element types of tensors, by their numbers in ONNX (TensorProto.DataType).</summary>
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "They are the field's names for these types.")]
public enum OrtElement
{
    Float32 = 1,
    UInt8 = 2,
    Int8 = 3,
    Int16 = 5,
    Int32 = 6,
    Int64 = 7,
    Bool = 9,
    Float16 = 10,
    Float64 = 11,
    BFloat16 = 16,
}

internal static class OrtElements
{
    /// <summary>Bytes per element.</summary>
    public static int Size(this OrtElement element) => element switch
    {
        OrtElement.UInt8 or OrtElement.Int8 or OrtElement.Bool => 1,
        OrtElement.Int16 or OrtElement.Float16 or OrtElement.BFloat16 => 2,
        OrtElement.Float32 or OrtElement.Int32 => 4,
        OrtElement.Float64 or OrtElement.Int64 => 8,
        _ => throw new OrtException(OrtErrorCode.NotImplemented,
            $"tensors of ONNX element type {(int)element} have no counterpart here; known are {string.Join(", ", Enum.GetNames<OrtElement>())}."),
    };

    /// <summary>Whether a span of <paramref name="type"/> shows these elements: their own type, or bytes for the raw memory.</summary>
    public static bool Shows(this OrtElement element, Type type) => type == typeof(byte) || element switch
    {
        OrtElement.Float32 => type == typeof(float),
        OrtElement.Int8 => type == typeof(sbyte),
        OrtElement.Int16 => type == typeof(short),
        OrtElement.Int32 => type == typeof(int),
        OrtElement.Int64 => type == typeof(long),
        OrtElement.Bool => type == typeof(bool),
        OrtElement.Float16 => type == typeof(Half) || type == typeof(ushort),
        OrtElement.BFloat16 => type == typeof(ushort),
        OrtElement.Float64 => type == typeof(double),
        _ => false,
    };
}
