using Tastemaker.Nets.Graph;

namespace Tastemaker.Nets.Weights;

/// <summary>An npy file as rows of vectors, read in place: (n, d) as n rows, (d,) as one.</summary>
public sealed class NpyFile
{
    private readonly ByteSource _source;
    private readonly StoredTensor _tensor;

    private NpyFile(ByteSource source, StoredTensor tensor)
    {
        (_source, _tensor) = (source, tensor);
        var axes = tensor.Shape.Axes;
        (Rows, Width) = (axes.Length == 1 ? 1 : axes[0], axes[^1]);
    }

    public int Rows { get; }

    public int Width { get; }

    /// <summary>What one number is in the file: F16, F32 or F64.</summary>
    public ElementType Type => _tensor.Type;

    /// <summary>Of the first number, in bytes from the start of the file.</summary>
    public long Offset => _tensor.Offset;

    public static NpyFile Open(ByteSource source)
    {
        var file = Checkpoint.Open(source);
        if (file.Format != "npy")
        {
            throw new WeightException($"the file is {file.Format}; vectors are read from npy.");
        }

        var tensor = file.Tensors[Checkpoint.Bare];
        if (tensor.Shape.Axes.Length is not (1 or 2) || tensor.Strides is not null)
        {
            throw new WeightException($"the npy file has shape {tensor.Shape}{(tensor.Strides is null ? "" : " in Fortran order")}; "
                + "rows of vectors, (n, d), are wanted.");
        }

        return tensor.Type is ElementType.F16 or ElementType.F32 or ElementType.F64 ? new NpyFile(source, tensor)
            : throw new WeightException($"the npy file holds {tensor.Type}; vectors are f2, f4 or f8.");
    }

    /// <summary>Reads consecutive rows as float32.</summary>
    /// <param name="into">Its length is a multiple of <see cref="Width"/>.</param>
    public void Read(int row, Span<float> into)
    {
        var numbers = (long)row * Width;
        if (row < 0 || numbers + into.Length > (long)Rows * Width || (Width > 0 && into.Length % Width != 0))
        {
            throw new ArgumentOutOfRangeException(nameof(row), row, $"{into.Length} numbers from there are no whole rows of {Rows} x {Width}");
        }

        TensorReader.ReadContiguous(_source, _tensor, _tensor.Offset + (numbers * Type.Size), into);
    }
}
