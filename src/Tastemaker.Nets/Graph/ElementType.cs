namespace Tastemaker.Nets.Graph;

/// <summary>What one number of a tensor is. The values are ONNX's own (TensorProto.DataType).</summary>
public enum ElementType
{
    F32 = 1,
    U8 = 2,
    I8 = 3,
    I16 = 5,
    I32 = 6,
    I64 = 7,
    Bool = 9,
    F16 = 10,
    F64 = 11,
    BF16 = 16,
}

public static class ElementTypes
{
    extension(ElementType type)
    {
        /// <summary>Bytes of one number.</summary>
        public int Size => type switch
        {
            ElementType.U8 or ElementType.I8 or ElementType.Bool => 1,
            ElementType.F16 or ElementType.BF16 or ElementType.I16 => 2,
            ElementType.F32 or ElementType.I32 => 4,
            ElementType.F64 or ElementType.I64 => 8,
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a tensor element type"),
        };
    }
}
