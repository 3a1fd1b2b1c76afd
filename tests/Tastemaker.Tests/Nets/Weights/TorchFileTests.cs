using System.Buffers.Binary;
using System.IO.Compression;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Tests.Nets.Weights;

/// <summary>Torch files built here, byte by byte: layouts that no golden has, and hostile ones.</summary>
public sealed class TorchFileTests
{
    private static readonly byte[] SixFloats = [.. new float[] { 0, 1, 2, 3, 4, 5 }.SelectMany(BitConverter.GetBytes)];

    [Fact]
    public void A_TorchScript_archive_is_read_as_its_attributes_without_its_code()
    {
        // As OpenAI publishes CLIP: modules are objects of __torch__ classes, code is compressed, constants are apart.
        var pickle = PickleWriter.Of(p => p
            .Global("__torch__.clip.model", "CLIP").Op(")").Raw(0x81).Op("}(")
            .Text("training").Raw(0x89)
            .Text("logit_scale").Tensor("FloatStorage", "0", 6, 3, [], [])
            .Text("visual").Global("__torch__.clip.model.___torch_mangle_1", "Vision").Op(")").Raw(0x81).Op("}(")
            .Text("proj").Tensor("FloatStorage", "0", 6, 0, [2, 3], [3, 1])
            .Text("sizes").Global("torch.jit._pickle", "build_intlist").Op("]").Number(1).Op("a").Raw(0x85).Op("R")
            .Op("ub").Op("ub"));
        var file = Zip(
            ("ViT/constants.pkl", [0x80, 2, (byte)'.'], false), ("ViT/code/__torch__/clip/model.py", new byte[900], true),
            ("ViT/data.pkl", pickle, false), ("ViT/data/0", SixFloats, false), ("ViT/version", "2\n"u8.ToArray(), false));

        var checkpoint = Checkpoint.Open(ByteSource.Of(file));

        Assert.Equal(("torchscript", ""), (checkpoint.Format, checkpoint.Root));
        Assert.Equal(["logit_scale", "visual.proj"], checkpoint.Tensors.Keys);
        Assert.Equal([3f], checkpoint.Floats("logit_scale"));
        Assert.Equal([0f, 1, 2, 3, 4, 5], checkpoint.Floats("visual.proj"));
    }

    [Fact]
    public void A_state_dict_is_offered_even_where_other_tensors_lie_beside_it()
    {
        var checkpoint = Open(p => p.Op("}(")
            .Text("state_dict").Op("}").Text("w").Tensor("FloatStorage", "0", 6, 0, [6], [1]).Op("s")
            .Text("callbacks").Op("}").Global("pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint").Number(1).Op("s")
            .Text("optimizer").Op("}").Number(7).Tensor("FloatStorage", "0", 6, 0, [6], [1]).Op("s")
            .Op("u"));

        Assert.Equal("state_dict", checkpoint.Root);
        Assert.Equal(["state_dict.w", "optimizer.7"], checkpoint.Tensors.Keys);
        Assert.Equal(["w"], checkpoint.Under(checkpoint.Root).Tensors.Keys);
    }

    [Fact]
    public void Parameters_and_transposed_views_are_read()
    {
        var checkpoint = Open(p => p.Op("}").Text("w").Global("torch._utils", "_rebuild_parameter").Op("(")
            .Tensor("FloatStorage", "0", 6, 0, [3, 2], [1, 3]).Raw(0x88).Global("collections", "OrderedDict").Op(")Rt").Op("R").Op("s"));

        Assert.Equal([0f, 3, 1, 4, 2, 5], checkpoint.Floats("w"));
    }

    [Fact]
    public void Protocol_1_writes_flags_and_long_numbers_as_text()
    {
        var checkpoint = Open(p => p.Op("}(").Text("flag").Op("I01\n").Text("n").Op("L99999999999999999999L\n").Text("k").Op("I-12\n")
            .Text("w").Tensor("FloatStorage", "0", 6, 0, [6], [1]).Op("u"));

        Assert.Equal(["True", "99999999999999999999", "-12"], new[] { "flag", "n", "k" }.Select(key => checkpoint.Metadata[key]));
    }

    [Theory]
    [InlineData("posix", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("builtins", "getattr")]
    [InlineData("torch", "load")]
    [InlineData("torch.storage", "_load_from_bytes")]
    [InlineData("__torch__evil", "f")]
    public void A_name_off_the_list_is_refused_by_name_even_if_nothing_calls_it(string module, string name) =>
        Refused($"'{module}.{name}' is not a name that a checkpoint may use; the file was not opened.", p => p.Global(module, name));

    [Fact]
    public void A_name_built_of_stack_texts_is_refused_alike() =>
        Refused("'os.system' is not a name", p => p.Text("os").Text("system").Raw(0x93));

    [Fact]
    public void Opcodes_that_no_checkpoint_needs_are_refused_by_name()
    {
        Refused("the opcode Inst", p => p.Op("(ios\nsystem\n"));
        Refused("the opcode Obj", p => p.Op("(o"));
        Refused("the opcode Ext1", p => p.Raw(0x82, 1));
        Refused("the opcode NewObjEx", p => p.Raw(0x92));
        Refused("the opcode NextBuffer", p => p.Raw(0x97));
        Refused("0xff is no opcode", p => p.Raw(0xff));
    }

    [Fact]
    public void Allowed_names_do_only_what_they_do_in_torch()
    {
        Refused("'torch.FloatStorage' is called", p => p.Global("torch", "FloatStorage").Op(")R"));
        Refused("'collections.OrderedDict' is made into an object", p => p.Global("collections", "OrderedDict").Op(")").Raw(0x81));
        Refused("'torch._utils._rebuild_tensor_v2' is called", p => p.Global("torch._utils", "_rebuild_tensor_v2").Op("(").Text("os").Op("tR"));
        Refused("gives a state to something that has none", p => p.Op("]}b"));
        Refused("no storage of numbers", p => p.Op("(").Text("module").Op("tQ"));
    }

    [Fact]
    public void A_view_stays_within_its_storage()
    {
        Refused("reaches past its storage of 6 numbers", p => p.Tensor("FloatStorage", "0", 6, 1, [6], [1]));
        Refused("reaches past its storage of 6 numbers", p => p.Tensor("FloatStorage", "0", 6, 0, [2, 3], [4, 1]));
        Refused("reaches past its storage of 6 numbers", p => p.Tensor("FloatStorage", "0", 6, -1, [1], [1]));
        Refused("reaches past its storage of 6 numbers", p => p.Tensor("FloatStorage", "0", 6, 0, [int.MaxValue], [int.MaxValue]));
        Refused("negative strides", p => p.Tensor("FloatStorage", "0", 6, 5, [6], [-1]));
        Refused("repeats the 6 numbers", p => p.Tensor("FloatStorage", "0", 6, 0, [65536, 65536], [0, 0]));
        Refused("more than any file holds", p => p.Tensor("FloatStorage", "0", 6, 0, [int.MaxValue, int.MaxValue, int.MaxValue], [0, 0, 0]));
        Refused("has 24 bytes; 7 numbers of F32", p => p.Tensor("FloatStorage", "0", 7, 0, [1], [1]));
        Refused("has no entry 'a/data/9'", p => p.Tensor("FloatStorage", "9", 1, 0, [1], [1]));
        Refused("1 axes and 0 strides", p => p.Tensor("FloatStorage", "0", 6, 0, [1], []));
    }

    [Fact]
    public void A_value_that_holds_itself_ends()
    {
        Refused("or holds itself", p => p.Op("]q").Raw(1).Op("h").Raw(1).Op("a"));
        Refused("or holds itself", p => p.Op(new string(']', 100)).Op(new string('a', 99)));
    }

    [Fact]
    public void A_small_pickle_cannot_stand_for_a_tree_beyond_all_bounds() => Refused("more than 1000000 values", p =>
    {
        // Each list holds the one before it twice: 2^60 leaves.
        p.Op("]q").Raw(0);
        for (byte i = 0; i < 60; i++)
        {
            p.Op("0](h").Raw(i).Op("h").Raw(i).Op("eq").Raw((byte)(i + 1));
        }
    });

    [Fact]
    public void A_pickle_of_nothing_but_opcodes_ends()
    {
        Refused("more than 2000000 opcodes", p => p.Raw([.. Enumerable.Repeat((byte)'N', 3_000_000)]));
        Refused("with other than one value", p => p.Op("NN"));
        Refused("it takes a value where there is none", p => p.Op("0"));
        Refused("up to a mark where there is none", p => p.Op("t"));
        Refused("nothing is remembered as 9", p => p.Op("h").Raw(9));
        Refused("a text of 4294967295 bytes", p => p.Op("X").Raw(255, 255, 255, 255));
        Refused("protocol 9", p => p.Raw(0x80, 9));
        Refused("holds no tensors", p => p.Op("N"));
    }

    [Fact]
    public void Compressed_entries_are_refused_and_never_inflated()
    {
        // A bomb of 64 MB of zeros in the place of a storage.
        var file = Zip(("a/data.pkl", PickleWriter.Of(p => p.Tensor("FloatStorage", "0", 6, 0, [6], [1])), false), ("a/data/0", new byte[1 << 26], true));

        Assert.Equal("the entry 'a/data/0' is compressed (method 8); torch stores its entries as they are. Save the file again with torch.save.",
            Assert.Throws<WeightException>(() => Checkpoint.Open(ByteSource.Of(file))).Message);
    }

    [Fact]
    public void A_zip64_directory_is_read()
    {
        var file = Zip(("a/data.pkl", Valid(), false), ("a/data/0", SixFloats, false));

        Assert.Equal([0f, 1, 2, 3, 4, 5], Checkpoint.Open(ByteSource.Of(Widened(file))).Floats(Checkpoint.Bare));
        Refused("none where it should be", Widened(file, locatorSignature: 0));
        Damage.AssertReadOrRefused(Widened(file), 600);
    }

    [Fact]
    public void A_legacy_file_may_hold_views_into_a_storage()
    {
        Assert.Equal([2f, 3, 4], Checkpoint.Open(ByteSource.Of(Legacy(start: 2, viewed: 3))).Floats(Checkpoint.Bare));
        Refused("a view into the storage 'k' reaches past its 6 numbers", Legacy(start: 4, viewed: 3));
        Refused("has 5 numbers in the file; its pickle says 6", Legacy(start: 0, viewed: 3, counted: 5));
        Refused("the file ends inside the storage 'k'", Legacy(start: 0, viewed: 3)[..^1]);
        Refused("lists a storage that its pickle does not name", Legacy(start: 0, viewed: 3, listed: "other"));
    }

    [Fact]
    public void A_big_endian_file_is_refused() =>
        Refused("byte order 'big'", Zip(("a/data.pkl", Valid(), false), ("a/data/0", SixFloats, false), ("a/byteorder", "big"u8.ToArray(), false)));

    [Fact]
    public void Other_zip_files_are_refused_by_what_they_are()
    {
        Refused("npz archive", Zip(("x.npy", [1], false)));
        Refused("has 0 entries 'NAME/data.pkl'", Zip(("readme.txt", [1], false)));
        Refused("has 2 entries 'NAME/data.pkl'", Zip(("a/data.pkl", Valid(), false), ("b/data.pkl", Valid(), false)));
        Refused("has no directory at its end", Zip(("a/data.pkl", Valid(), false))[..60]);
    }

    [Fact]
    public void Other_files_are_refused_by_what_they_are()
    {
        var tar = new byte[512];
        "ustar"u8.CopyTo(tar.AsSpan(257));
        Refused("tar archive, as torch wrote before 0.1.10", tar);
        Refused("Git LFS pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:0"u8.ToArray());
        Refused("a web page", "  <!DOCTYPE html><html></html>"u8.ToArray());
        Refused("a GGUF file", "GGUF\x3\0\0\0\0\0\0\0"u8.ToArray());
        Refused("too short to be a checkpoint (0 bytes)", []);
        Refused("a Python pickle that torch did not write", PickleWriter.Of(p => p.Op("]")));
    }

    [Fact]
    public void A_damaged_file_is_read_or_refused_and_nothing_else()
    {
        foreach (var name in new[] { "mixed_zip.pt", "mixed_zip_protocol4.pt", "mixed_legacy.pt", "whole_module.pt" })
        {
            Damage.AssertReadOrRefused(File.ReadAllBytes(Path.Combine(Goldens.Own, "pickle", name)), 600);
        }
    }

    private static byte[] Valid() => PickleWriter.Of(p => p.Tensor("FloatStorage", "0", 6, 0, [6], [1]));

    private static Checkpoint Open(Action<PickleWriter> write) => Checkpoint.Open(ByteSource.Of(Archive(write)));

    private static byte[] Archive(Action<PickleWriter> write) => Zip(("a/data.pkl", PickleWriter.Of(write), false), ("a/data/0", SixFloats, false));

    private static void Refused(string reason, Action<PickleWriter> write) => Refused(reason, Archive(write));

    private static void Refused(string reason, byte[] file) =>
        Assert.Contains(reason, Assert.Throws<WeightException>(() => Checkpoint.Open(ByteSource.Of(file))).Message, StringComparison.Ordinal);

    private static byte[] Legacy(int start, int viewed, long counted = 6, string listed = "k") =>
    [
        .. PickleWriter.Of(p => p.Raw(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19)),
        .. PickleWriter.Of(p => p.Number(1001)),
        .. PickleWriter.Of(p => p.Op("}").Text("little_endian").Raw(0x88).Op("s")),
        .. PickleWriter.Of(p => p.Global("torch._utils", "_rebuild_tensor").Op("((").Text("storage").Global("torch", "FloatStorage").Text("k").Text("cpu")
            .Number(6).Op("(").Text("view").Number(start).Number(viewed).Op("ttQ").Number(0).Tuple(3).Tuple(1).Op("tR")),
        .. PickleWriter.Of(p => p.Op("]").Text(listed).Op("a")),
        .. BitConverter.GetBytes(counted),
        .. SixFloats,
    ];

    /// <summary>The same zip file with every size and offset in its zip64 place, as torch writes those beyond 4 GB.</summary>
    private static byte[] Widened(byte[] zip, uint locatorSignature = 0x07064b50)
    {
        const int EndBytes = 22;
        var end = zip.AsSpan(zip.Length - EndBytes);
        var (size, start) = (BinaryPrimitives.ReadInt32LittleEndian(end[12..]), BinaryPrimitives.ReadInt32LittleEndian(end[16..]));
        var wide = new List<byte>(zip[..start]);
        for (var central = zip.AsSpan(start, size); central.Length > 0;)
        {
            var (name, extra) = (BinaryPrimitives.ReadUInt16LittleEndian(central[28..]), BinaryPrimitives.ReadUInt16LittleEndian(central[30..]));
            var head = central[..46].ToArray();
            byte[] field = [1, 0, 24, 0, .. Long(head, 24), .. Long(head, 20), .. Long(head, 42)];
            head.AsSpan(20, 8).Fill(0xff);
            head.AsSpan(42, 4).Fill(0xff);
            BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(30), (ushort)field.Length);
            wide.AddRange([.. head, .. central.Slice(46, name), .. field]);
            central = central[(46 + name + extra)..];
        }

        long directory = wide.Count;
        byte[] ffff = [0xff, 0xff, 0xff, 0xff];
        return
        [
            .. wide,
            .. BitConverter.GetBytes(0x06064b50), .. BitConverter.GetBytes(44L), .. new byte[28], .. BitConverter.GetBytes(directory - start), .. BitConverter.GetBytes((long)start),
            .. BitConverter.GetBytes(locatorSignature), .. new byte[4], .. BitConverter.GetBytes(directory), .. new byte[4],
            .. end[..8], .. ffff, .. ffff, .. ffff, 0, 0,
        ];

        static byte[] Long(byte[] head, int at) => [.. head[at..(at + 4)], 0, 0, 0, 0];
    }

    private static byte[] Zip(params (string Name, byte[] Bytes, bool IsCompressed)[] entries)
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, true))
        {
            foreach (var (name, bytes, isCompressed) in entries)
            {
                using var entry = zip.CreateEntry(name, isCompressed ? CompressionLevel.SmallestSize : CompressionLevel.NoCompression).Open();
                entry.Write(bytes);
            }
        }

        return file.ToArray();
    }
}
