using Tastemaker.Nets.Graph;

namespace Tastemaker.Nets.Weights;

internal enum NameKind
{
    OrderedDict,
    ListOf,
    Tagged,
    RebuildTensor,
    RebuildTensorV2,
    RebuildParameter,
    RebuildParameterWithState,
    Storage,

    /// <summary>A class of TorchScript: a record of attributes.</summary>
    Script,

    /// <summary>A name that real checkpoints carry and that no tensor depends on: it makes an empty record.</summary>
    Inert,
}

/// <summary>
/// A global that a pickle may name. Nothing is ever looked up or called: each kind stands for what this reader does itself,
/// and a name that is not here ends the reading.
/// </summary>
/// <param name="Element">What a storage class holds.</param>
internal sealed record PickledName(string Full, NameKind Kind, ElementType? Element = null)
{
    private static readonly Dictionary<string, PickledName> Allowed = new PickledName[]
    {
        new("collections.OrderedDict", NameKind.OrderedDict),
        new("builtins.set", NameKind.ListOf),
        new("__builtin__.set", NameKind.ListOf),
        new("torch.Size", NameKind.ListOf),
        new("torch.jit._pickle.build_intlist", NameKind.ListOf),
        new("torch.jit._pickle.build_doublelist", NameKind.ListOf),
        new("torch.jit._pickle.build_boollist", NameKind.ListOf),
        new("torch.jit._pickle.build_tensorlist", NameKind.ListOf),
        new("torch.jit._pickle.restore_type_tag", NameKind.Tagged),
        new("torch._utils._rebuild_tensor", NameKind.RebuildTensor),
        new("torch._utils._rebuild_tensor_v2", NameKind.RebuildTensorV2),
        new("torch._utils._rebuild_parameter", NameKind.RebuildParameter),
        new("torch._utils._rebuild_parameter_with_state", NameKind.RebuildParameterWithState),
        new("torch.FloatStorage", NameKind.Storage, ElementType.F32),
        new("torch.HalfStorage", NameKind.Storage, ElementType.F16),
        new("torch.BFloat16Storage", NameKind.Storage, ElementType.BF16),
        new("torch.DoubleStorage", NameKind.Storage, ElementType.F64),
        new("torch.LongStorage", NameKind.Storage, ElementType.I64),
        new("torch.IntStorage", NameKind.Storage, ElementType.I32),
        new("torch.ShortStorage", NameKind.Storage, ElementType.I16),
        new("torch.CharStorage", NameKind.Storage, ElementType.I8),
        new("torch.ByteStorage", NameKind.Storage, ElementType.U8),
        new("torch.BoolStorage", NameKind.Storage, ElementType.Bool),
        new("torch.UntypedStorage", NameKind.Storage, ElementType.U8),
        new("torch.storage.UntypedStorage", NameKind.Storage, ElementType.U8),
        new("torch.device", NameKind.Inert),
        new("torch.float16", NameKind.Inert),
        new("torch.bfloat16", NameKind.Inert),
        new("torch.float32", NameKind.Inert),
        new("numpy.dtype", NameKind.Inert),
        new("numpy.core.multiarray.scalar", NameKind.Inert),
        new("numpy._core.multiarray.scalar", NameKind.Inert),
        new("_codecs.encode", NameKind.Inert),

        // Stable Diffusion's own checkpoints keep their callbacks beside the state_dict, by this class.
        new("pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint", NameKind.Inert),
    }.ToDictionary(name => name.Full);

    /// <summary>The class of torch's storages that hold such numbers.</summary>
    public static PickledName StorageOf(ElementType type) => Allowed.Values.First(name => name.Kind == NameKind.Storage && name.Element == type);

    /// <exception cref="WeightException">The name is not one of those above.</exception>
    public static PickledName Of(string module, string name)
    {
        var full = $"{module}.{name}";
        if (Allowed.TryGetValue(full, out var allowed))
        {
            return allowed;
        }

        if (module.StartsWith("__torch__", StringComparison.Ordinal) && (module.Length == 9 || module[9] == '.'))
        {
            return new PickledName(full, NameKind.Script);
        }

        var advice = module.StartsWith("torch.nn.", StringComparison.Ordinal)
            ? " It is a whole module with its code: save its state_dict() in torch."
            : "";
        throw new WeightException($"'{full}' is not a name that a checkpoint may use; the file was not opened.{advice}");
    }
}
