using System.Globalization;
using System.Numerics;

namespace Tastemaker.Nets.Weights;

/// <summary>
/// Reads the subset of Python's pickle that torch writes, protocols 1 to 5, and executes nothing: a global is a
/// <see cref="PickledName"/> from a list, a call is one of a handful of things done here. Follows Lib/pickle.py.
/// </summary>
/// <remarks>
/// Every opcode costs at least one byte and makes at most one object, so that the limits on bytes and opcodes bound time and memory.
/// </remarks>
internal sealed class Pickle
{
    private const int MaxOpcodes = 2_000_000;
    private const int MaxProtocol = 5;
    private const int MaxIntegerBytes = 128;

    private static readonly object Mark = new();

    private readonly PickleStream _stream;
    private readonly Func<object?[], object?> _persistent;
    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];

    private Pickle(PickleStream stream, Func<object?[], object?> persistent) => (_stream, _persistent) = (stream, persistent);

    private enum Op : byte
    {
        Mark = (byte)'(',
        Stop = (byte)'.',
        Pop = (byte)'0',
        PopMark = (byte)'1',
        Dup = (byte)'2',
        Float = (byte)'F',
        Int = (byte)'I',
        BinInt = (byte)'J',
        BinInt1 = (byte)'K',
        Long = (byte)'L',
        BinInt2 = (byte)'M',
        None = (byte)'N',
        PersId = (byte)'P',
        BinPersId = (byte)'Q',
        Reduce = (byte)'R',
        String = (byte)'S',
        BinString = (byte)'T',
        ShortBinString = (byte)'U',
        Unicode = (byte)'V',
        BinUnicode = (byte)'X',
        Append = (byte)'a',
        Build = (byte)'b',
        Global = (byte)'c',
        Dict = (byte)'d',
        EmptyDict = (byte)'}',
        Appends = (byte)'e',
        Get = (byte)'g',
        BinGet = (byte)'h',
        Inst = (byte)'i',
        LongBinGet = (byte)'j',
        List = (byte)'l',
        EmptyList = (byte)']',
        Obj = (byte)'o',
        Put = (byte)'p',
        BinPut = (byte)'q',
        LongBinPut = (byte)'r',
        SetItem = (byte)'s',
        Tuple = (byte)'t',
        EmptyTuple = (byte)')',
        SetItems = (byte)'u',
        BinFloat = (byte)'G',
        BinBytes = (byte)'B',
        ShortBinBytes = (byte)'C',
        Proto = 0x80,
        NewObj = 0x81,
        Ext1 = 0x82,
        Ext2 = 0x83,
        Ext4 = 0x84,
        Tuple1 = 0x85,
        Tuple2 = 0x86,
        Tuple3 = 0x87,
        NewTrue = 0x88,
        NewFalse = 0x89,
        Long1 = 0x8a,
        Long4 = 0x8b,
        ShortBinUnicode = 0x8c,
        BinUnicode8 = 0x8d,
        BinBytes8 = 0x8e,
        EmptySet = 0x8f,
        AddItems = 0x90,
        FrozenSet = 0x91,
        NewObjEx = 0x92,
        StackGlobal = 0x93,
        Memoize = 0x94,
        Frame = 0x95,
        ByteArray8 = 0x96,
        NextBuffer = 0x97,
        ReadOnlyBuffer = 0x98,
    }

    /// <summary>One pickle's value; the stream then stands behind it.</summary>
    /// <param name="persistent">Makes the object that a persistent id, always a tuple in torch's files, stands for.</param>
    public static object? Load(PickleStream stream, Func<object?[], object?> persistent) => new Pickle(stream, persistent).Run();

    private object? Run()
    {
        for (var opcodes = 0; opcodes < MaxOpcodes; opcodes++)
        {
            var op = (Op)_stream.Byte();
            if (op == Op.Stop)
            {
                return _stack.Count == 1 && _marks.Count == 0 ? Pop() : throw Malformed("it stops with other than one value");
            }

            if (!Scalar(op) && !Container(op))
            {
                Object(op);
            }
        }

        throw new WeightException($"the pickle has more than {MaxOpcodes} opcodes; a checkpoint has thousands.");
    }

    private bool Scalar(Op op)
    {
        switch (op)
        {
            case Op.None: Push(null); break;
            case Op.NewTrue: Push(true); break;
            case Op.NewFalse: Push(false); break;
            case Op.BinInt: Push((long)_stream.Int32()); break;
            case Op.BinInt1: Push((long)_stream.Byte()); break;
            case Op.BinInt2: Push((long)_stream.UInt16()); break;
            case Op.Int: PushIntegerOrFlag(_stream.Line()); break;
            case Op.Long: PushInteger(_stream.Line().TrimEnd('L')); break;
            case Op.Long1: PushInteger((uint)_stream.Byte()); break;
            case Op.Long4: PushInteger(_stream.UInt32()); break;
            case Op.BinFloat: Push(_stream.BigEndianDouble()); break;
            case Op.ShortBinString or Op.ShortBinUnicode: Push(_stream.Text(_stream.Byte())); break;
            case Op.BinString or Op.BinUnicode: Push(_stream.Text(_stream.UInt32())); break;
            case Op.BinUnicode8: Push(_stream.Text(_stream.UInt64())); break;
            case Op.ShortBinBytes: Push(_stream.Bytes(_stream.Byte())); break;
            case Op.BinBytes: Push(_stream.Bytes(_stream.UInt32())); break;
            case Op.BinBytes8: Push(_stream.Bytes(_stream.UInt64())); break;
            default: return false;
        }

        return true;
    }

    private bool Container(Op op)
    {
        switch (op)
        {
            case Op.Mark: _marks.Add(_stack.Count); Push(Mark); break;
            case Op.Pop: Pop(); break;
            case Op.PopMark: PopToMark(); break;
            case Op.Dup: Push(Peek()); break;
            case Op.EmptyDict: Push(new PickleDictionary()); break;
            case Op.EmptyList or Op.EmptySet: Push(new List<object?>()); break;
            case Op.EmptyTuple: Push(Array.Empty<object?>()); break;
            case Op.Tuple1: Push(PopMany(1)); break;
            case Op.Tuple2: Push(PopMany(2)); break;
            case Op.Tuple3: Push(PopMany(3)); break;
            case Op.Tuple: Push(PopToMark()); break;
            case Op.List: Push(new List<object?>(PopToMark())); break;
            case Op.Dict: SetItems(PopToMark(), Pushed(new PickleDictionary())); break;
            case Op.Append: Extend(PopMany(1)); break;
            case Op.Appends or Op.AddItems: Extend(PopToMark()); break;
            case Op.SetItem: SetItems(PopMany(2), Peek()); break;
            case Op.SetItems: SetItems(PopToMark(), Peek()); break;
            default: return false;
        }

        return true;
    }

    private void Object(Op op)
    {
        switch (op)
        {
            case Op.Proto: RequireProtocol(_stream.Byte()); break;
            case Op.Frame: _stream.UInt64(); break;
            case Op.Memoize: _memo[(uint)_memo.Count] = Peek(); break;
            case Op.BinPut: _memo[_stream.Byte()] = Peek(); break;
            case Op.LongBinPut: _memo[_stream.UInt32()] = Peek(); break;
            case Op.BinGet: Push(Remembered(_stream.Byte())); break;
            case Op.LongBinGet: Push(Remembered(_stream.UInt32())); break;
            case Op.Global: Push(PickledName.Of(_stream.Line(), _stream.Line())); break;
            case Op.StackGlobal: Push(PopMany(2) is [string module, string name] ? PickledName.Of(module, name) : throw Malformed("a global is not two texts")); break;
            case Op.BinPersId: Push(_persistent(Pop() as object?[] ?? throw Malformed("a persistent id is not a tuple"))); break;
            case Op.Reduce: Push(PopMany(2) is [PickledName callee, object?[] given] ? Call(callee, given) : throw Malformed("a call is not of a name with a tuple")); break;
            case Op.NewObj: Push(PopMany(2) is [PickledName type, object?[] arguments] ? Make(type, arguments) : throw Malformed("an object is not made of a name and a tuple")); break;
            case Op.Build: Build(Pop(), Peek()); break;
            default:
                throw Enum.IsDefined(op)
                    ? new WeightException($"the pickle uses the opcode {op}, which no checkpoint needs; the file was not opened.")
                    : Malformed($"0x{(byte)op:x2} is no opcode");
        }
    }

    /// <summary>What a call of an allowed name makes.</summary>
    private static object? Call(PickledName callee, object?[] given) => (callee.Kind, given) switch
    {
        (NameKind.OrderedDict, []) => new PickleDictionary(),
        (NameKind.OrderedDict, [List<object?> pairs]) => OfPairs(pairs),
        (NameKind.ListOf, []) => new List<object?>(),
        (NameKind.ListOf, [List<object?> list]) => list,
        (NameKind.ListOf, [object?[] tuple]) => tuple,
        (NameKind.Tagged, [var value, string]) => value,
        (NameKind.RebuildTensor, [TorchStorage storage, long start, object?[] shape, object?[] strides]) => Tensor(storage, start, shape, strides),
        (NameKind.RebuildTensorV2, [TorchStorage storage, long start, object?[] shape, object?[] strides, bool, _, ..]) => Tensor(storage, start, shape, strides),
        (NameKind.RebuildParameter, [TorchTensor tensor, bool, _]) => tensor,
        (NameKind.RebuildParameterWithState, [TorchTensor tensor, bool, _, _]) => tensor,
        (NameKind.Inert, _) => new PickleRecord(),
        _ => throw new WeightException($"'{callee.Full}' is called in a way that torch does not; the file was not opened."),
    };

    private static PickleRecord Make(PickledName type, object?[] arguments) => (type.Kind, arguments) switch
    {
        (NameKind.Script, []) or (NameKind.Inert, _) => new PickleRecord(),
        _ => throw new WeightException($"'{type.Full}' is made into an object in a way that torch does not; the file was not opened."),
    };

    private static void Build(object? state, object? target)
    {
        switch (target)
        {
            case PickleRecord record:
                record.State = state;
                break;

            // The attributes of a module's OrderedDict: _metadata, the versions of its layers.
            case PickleDictionary:
                break;
            default:
                throw new WeightException("the pickle gives a state to something that has none; the file was not opened.");
        }
    }

    private static TorchTensor Tensor(TorchStorage storage, long start, object?[] shape, object?[] strides)
    {
        const string What = "a tensor of the file";
        var axes = TensorLayout.Shape(What, Longs(shape));
        return new(storage, start, axes, TensorLayout.Strides(What, axes, Longs(strides), start, storage.Count));
    }

    private static long[] Longs(object?[] tuple) =>
        [.. tuple.Select(value => value as long? ?? throw Malformed("a shape or stride is not a whole number"))];

    private static PickleDictionary OfPairs(List<object?> pairs)
    {
        var dictionary = new PickleDictionary();
        foreach (var pair in pairs)
        {
            var (key, value) = pair switch
            {
                object?[] and [var first, var second] => (first, second),
                List<object?> and [var first, var second] => (first, second),
                _ => throw Malformed("an OrderedDict is not made of pairs"),
            };
            dictionary.Set(key, value);
        }

        return dictionary;
    }

    private static void SetItems(object?[] items, object? target)
    {
        if (target is not PickleDictionary dictionary || items.Length % 2 != 0)
        {
            throw Malformed("items are set on what is not a dictionary, or a key lacks its value");
        }

        for (var i = 0; i < items.Length; i += 2)
        {
            dictionary.Set(items[i], items[i + 1]);
        }
    }

    private void Extend(object?[] items) =>
        (Peek() as List<object?> ?? throw Malformed("values are appended to what is not a list")).AddRange(items);

    private void PushInteger(string digits) =>
        PushInteger(BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value
            : throw Malformed($"'{digits}' is no whole number"));

    private void PushInteger(uint bytes) =>
        PushInteger(new BigInteger(bytes <= MaxIntegerBytes ? _stream.Bytes(bytes) : throw Malformed($"a whole number of {bytes} bytes")));

    private void PushInteger(BigInteger value)
    {
        if (value >= long.MinValue && value <= long.MaxValue)
        {
            Push((long)value);
        }
        else
        {
            Push(value);
        }
    }

    private void PushIntegerOrFlag(string digits)
    {
        if (digits is "00" or "01")
        {
            Push(digits == "01");
        }
        else
        {
            PushInteger(digits);
        }
    }

    private static void RequireProtocol(byte protocol)
    {
        if (protocol > MaxProtocol)
        {
            throw new WeightException($"the pickle has protocol {protocol}; up to {MaxProtocol} can be read.");
        }
    }

    private object? Remembered(uint index) => _memo.TryGetValue(index, out var value) ? value : throw Malformed($"nothing is remembered as {index}");

    private void Push(object? value) => _stack.Add(value);

    private T Pushed<T>(T value)
    {
        Push(value);
        return value;
    }

    private object? Peek() => _stack.Count > 0 && _stack[^1] != Mark ? _stack[^1] : throw Malformed("it takes a value where there is none");

    private object? Pop()
    {
        var value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private object?[] PopMany(int count)
    {
        var values = new object?[count];
        for (var i = count - 1; i >= 0; i--)
        {
            values[i] = Pop();
        }

        return values;
    }

    private object?[] PopToMark()
    {
        if (_marks.Count == 0)
        {
            throw Malformed("it takes values up to a mark where there is none");
        }

        var mark = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        object?[] values = [.. _stack[(mark + 1)..]];
        _stack.RemoveRange(mark, _stack.Count - mark);
        return values;
    }

    private static WeightException Malformed(string what) => new($"the file's pickle is malformed: {what}.");
}
