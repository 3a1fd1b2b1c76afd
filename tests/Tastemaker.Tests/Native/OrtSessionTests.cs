using System.Runtime.InteropServices;
using Tastemaker.Native;
using Tastemaker.Native.Ort;

namespace Tastemaker.Tests.Native;

public sealed class OrtSessionTests : IDisposable
{
    private static readonly OrtOptions OneThread = new() { Threads = 1 };

    private readonly string _folder = Directory.CreateTempSubdirectory("taste-session-").FullName;

    /// <summary>y = x · w + b and z = -y, with x [N, 2], w [2, 2], b [2].</summary>
    private static TinyModel Affine => new TinyModel()
        .Input("x", OrtElement.Float32, "N", 2)
        .Output("y", OrtElement.Float32, "N", 2).Output("z", OrtElement.Float32, "N", 2)
        .Node("MatMul", ["x", "w"], ["xw"]).Node("Add", ["xw", "b"], ["y"]).Node("Neg", ["y"], ["z"]);

    private static TinyModel Inline => Affine
        .Constant("w", OrtElement.Float32, [2, 2], Bytes(1f, 2, 3, 4)).Constant("b", OrtElement.Float32, [2], Bytes(10f, 20));

    private static TinyModel External => Affine.External("w", OrtElement.Float32, [2, 2]).External("b", OrtElement.Float32, [2]);

    [Fact]
    public void Outputs_come_in_the_order_asked_for()
    {
        using var session = new OrtSession(Inline.ToBytes(), OneThread);

        Assert.Equal(["x"], session.Inputs);
        Assert.Equal(["y", "z"], session.Outputs);
        Assert.Equal([[14, 26], [-14, -26]], Run(session, [1, 1]));
        Assert.Equal([[-14, -26], [14, 26]], Run(session, [1, 1], "z", "y"));
        Assert.Equal([[14, 26, 18, 32]], Run(session, [1, 1, 2, 2], "y"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void External_initializers_come_from_tensors(bool prepack)
    {
        var path = Path.Combine(_folder, "weights.bin");
        File.WriteAllBytes(path, [0xFF, .. Bytes(1f, 2, 3, 4)]); // At an odd offset, as in files with odd headers.
        using var file = MappedFile.OpenRead(path);
        using var w = OrtTensor.Over(file, 1, OrtElement.Float32, 2, 2);
        using var b = OrtTensor.From<float>([10, 20], OrtElement.Float32, 2);
        var weights = new Dictionary<string, OrtTensor> { ["w"] = w, ["b"] = b };

        using var session = new OrtSession(External.ToBytes(), OneThread with { Prepack = prepack }, weights);

        Assert.Equal([[14, 26]], Run(session, [1, 1], "y"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_session_does_not_use_the_memory_of_its_initializers(bool prepack)
    {
        // Weights of three kinds: packed (w), read in place (b, table), large enough not to be inlined.
        const int N = 256;
        var model = new TinyModel().Input("id", OrtElement.Int64, 1).Output("y", OrtElement.Float32, 1, N)
            .External("table", OrtElement.Float32, [N, N]).External("w", OrtElement.Float32, [N, N]).External("b", OrtElement.Float32, [N])
            .Node("Gather", ["table", "id"], ["x"]).Node("MatMul", ["x", "w"], ["xw"]).Node("Add", ["xw", "b"], ["y"]);
        var weights = new Dictionary<string, OrtTensor>
        {
            ["table"] = OrtTensor.Allocate(OrtElement.Float32, N, N),
            ["w"] = OrtTensor.Allocate(OrtElement.Float32, N, N),
            ["b"] = OrtTensor.Allocate(OrtElement.Float32, N),
        };
        foreach (var weight in weights.Values)
        {
            weight.AsSpan<float>().Fill(1);
        }

        using var session = new OrtSession(model.ToBytes(), OneThread with { Prepack = prepack }, weights);
        foreach (var weight in weights.Values)
        {
            weight.AsSpan<float>().Fill(float.NaN);
            weight.Dispose();
        }

        using var id = OrtTensor.From<long>([3], OrtElement.Int64, 1);
        using var y = session.Run(new Dictionary<string, OrtTensor> { ["id"] = id }, CancellationToken.None)[0];
        Assert.All(y.AsSpan<float>().ToArray(), value => Assert.Equal(N + 1, value));
    }

    [Fact]
    public void What_shapes_are_inferred_from_must_be_inline()
    {
        var model = new TinyModel().Input("x", OrtElement.Float32, 4).Output("y", OrtElement.Float32, 2, 2)
            .External("shape", OrtElement.Int64, [2]).Node("Reshape", ["x", "shape"], ["y"]);
        using var shape = OrtTensor.From<long>([2, 2], OrtElement.Int64, 2);
        var weights = new Dictionary<string, OrtTensor> { ["shape"] = shape };

        Refused("Cannot parse data from external tensors", () => new OrtSession(model.ToBytes(), OneThread, weights));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void External_initializers_come_from_files_of_the_external_folder(bool prepack)
    {
        File.WriteAllBytes(Path.Combine(_folder, "weights.bin"), [0xFF, .. Bytes(1f, 2, 3, 4), .. Bytes(10f, 20)]);
        var model = Affine
            .External("w", OrtElement.Float32, [2, 2], ("location", "weights.bin"), ("offset", "1"), ("length", "16"))
            .External("b", OrtElement.Float32, [2], ("location", "weights.bin"), ("offset", "17"), ("length", "8"));

        using var session = new OrtSession(model.ToBytes(), OneThread with { Prepack = prepack, ExternalFolder = _folder });

        Assert.Equal([[14, 26]], Run(session, [1, 1], "y"));
    }

    [Fact]
    public void An_external_initializer_that_nobody_gives_is_refused()
    {
        Refused("Missing 'location'", () => new OrtSession(External.ToBytes(), OneThread));
    }

    [Fact]
    public void A_file_outside_the_external_folder_is_refused()
    {
        var model = Affine.External("w", OrtElement.Float32, [2, 2], ("location", "../weights.bin")).External("b", OrtElement.Float32, [2]);

        Refused("escapes", () => new OrtSession(model.ToBytes(), OneThread with { ExternalFolder = _folder }));
    }

    [Theory]
    [InlineData(OrtElement.Float32, 4L, "dimensions do not match")]
    [InlineData(OrtElement.Int32, 2L, "type")]
    public void An_initializer_of_another_type_or_shape_is_refused(OrtElement element, long count, string text)
    {
        using var w = OrtTensor.From<float>([1, 2, 3, 4], OrtElement.Float32, 2, 2);
        using var b = OrtTensor.Allocate(element, count);

        Refused(text, () => new OrtSession(External.ToBytes(), OneThread, new Dictionary<string, OrtTensor> { ["w"] = w, ["b"] = b }));
    }

    [Fact]
    public void Bytes_that_are_no_model_are_refused()
    {
        var whole = Inline.ToBytes();

        Refused("", () => new OrtSession([], OneThread));
        Refused("protobuf", () => new OrtSession([1, 2, 3, 4], OneThread));
        Refused("", () => new OrtSession(whole.AsSpan(0, whole.Length / 2), OneThread));
    }

    [Fact]
    public void A_graph_that_hands_an_input_out_is_refused()
    {
        var model = new TinyModel().Input("x", OrtElement.Float32, 2).Output("x", OrtElement.Float32, 2);

        Refused("hands its input 'x' out", () => new OrtSession(model.ToBytes(), OneThread), OrtErrorCode.InvalidGraph);
    }

    [Fact]
    public void Inputs_that_do_not_fit_are_refused_by_name()
    {
        using var session = new OrtSession(Inline.ToBytes(), OneThread);
        using var x = OrtTensor.Allocate(OrtElement.Float32, 1, 2);
        using var wide = OrtTensor.Allocate(OrtElement.Float32, 1, 3);
        using var whole = OrtTensor.Allocate(OrtElement.Int64, 1, 2);

        Refused("x", () => session.Run(new Dictionary<string, OrtTensor> { ["x"] = wide }, CancellationToken.None), OrtErrorCode.InvalidArgument);
        Refused("Unexpected input data type", () => session.Run(new Dictionary<string, OrtTensor> { ["x"] = whole }, CancellationToken.None), OrtErrorCode.InvalidArgument);
        Refused("the graph has no input 'q'; it has 'x'.", () => session.Run(new Dictionary<string, OrtTensor> { ["q"] = x }, CancellationToken.None));
        Refused("Missing Input: x", () => session.Run(new Dictionary<string, OrtTensor>(), CancellationToken.None));
        Refused("the graph has no output 'q'; it has 'y', 'z'.", () => session.Run(new Dictionary<string, OrtTensor> { ["x"] = x }, CancellationToken.None, "q"));
    }

    [Fact]
    public void An_initializer_that_no_node_uses_is_refused()
    {
        using var unused = OrtTensor.Allocate(OrtElement.Float32, 3);
        var model = Inline.External("unused", OrtElement.Float32, [3]);

        Refused("initializer with name unused", () => new OrtSession(model.ToBytes(), OneThread, new Dictionary<string, OrtTensor> { ["unused"] = unused }));
    }

    [Fact]
    public void An_initializer_with_data_of_its_own_is_not_replaced()
    {
        using var w = OrtTensor.From<float>([1, 2, 3, 4], OrtElement.Float32, 2, 2);

        Refused("non-external", () => new OrtSession(Inline.ToBytes(), OneThread, new Dictionary<string, OrtTensor> { ["w"] = w }));
    }

    [Theory]
    [InlineData(OrtElement.Float32)]
    [InlineData(OrtElement.UInt8)]
    [InlineData(OrtElement.Int8)]
    [InlineData(OrtElement.Int16)]
    [InlineData(OrtElement.Int32)]
    [InlineData(OrtElement.Int64)]
    [InlineData(OrtElement.Bool)]
    [InlineData(OrtElement.Float16)]
    [InlineData(OrtElement.Float64)]
    [InlineData(OrtElement.BFloat16)]
    public void Every_element_type_passes_through_unchanged(OrtElement element)
    {
        var model = new TinyModel().Input("x", element, 4).Output("y", element, 2, 2)
            .Constant("shape", OrtElement.Int64, [2], Bytes(2L, 2)).Node("Reshape", ["x", "shape"], ["y"]);
        using var session = new OrtSession(model.ToBytes(), OneThread);
        using var x = OrtTensor.Allocate(element, 4);
        for (var i = 0; i < x.AsSpan<byte>().Length; i++)
        {
            x.AsSpan<byte>()[i] = element is OrtElement.Bool ? (byte)(i & 1) : (byte)(i * 37);
        }

        using var y = session.Run(new Dictionary<string, OrtTensor> { ["x"] = x }, CancellationToken.None)[0];

        Assert.Equal(element, y.Element);
        Assert.Equal([2L, 2L], y.Shape);
        Assert.Equal(x.AsSpan<byte>(), y.AsSpan<byte>());
    }

    [Fact]
    public void A_long_run_stops_when_it_is_cancelled()
    {
        var body = new TinyModel().Input("i", OrtElement.Int64).Input("going", OrtElement.Bool).Input("state", OrtElement.Float32, 1)
            .Output("still", OrtElement.Bool).Output("next", OrtElement.Float32, 1)
            .Node("Identity", ["going"], ["still"]).Node("Cos", ["state"], ["next"]);
        var model = new TinyModel().Input("x", OrtElement.Float32, 1).Output("y", OrtElement.Float32, 1)
            .Constant("turns", OrtElement.Int64, [], Bytes(1L << 62)).Constant("true", OrtElement.Bool, [], [1])
            .Node("Loop", ["turns", "true", "x"], ["y"], ("body", body));
        using var session = new OrtSession(model.ToBytes(), OneThread);
        using var x = OrtTensor.From<float>([1], OrtElement.Float32, 1);
        OperationCanceledException error;
        do
        {
            using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
            error = Assert.Throws<OperationCanceledException>(() => session.Run(new Dictionary<string, OrtTensor> { ["x"] = x }, source.Token));
            Assert.Equal(source.Token, error.CancellationToken);
        }
        while (error.InnerException is null); // On a busy machine the time may be up before the run begins.

        Assert.IsType<OrtException>(error.InnerException);
    }

    [Fact]
    public void A_load_that_is_cancelled_under_way_gives_up()
    {
        using var env = OrtApi.CreateEnv("test");
        using var options = OrtApi.CreateSessionOptions(threads: 1);
        OrtApi.CancelLoad(options);

        Refused("cancel", () => OrtApi.CreateSession(env, Inline.ToBytes(), options, turn: null), OrtErrorCode.ModelLoadCanceled);
    }

    [Fact]
    public void An_output_asked_for_twice_comes_twice()
    {
        using var session = new OrtSession(Inline.ToBytes(), OneThread);

        Assert.Equal([[14, 26], [14, 26]], Run(session, [1, 1], "y", "y"));
    }

    [Fact]
    public void A_cancelled_token_starts_nothing()
    {
        var cancelled = new CancellationToken(canceled: true);
        using var session = new OrtSession(Inline.ToBytes(), OneThread);

        Assert.Throws<OperationCanceledException>(() => new OrtSession(Inline.ToBytes(), OneThread, null, cancelled));
        Assert.Throws<OperationCanceledException>(() => session.Run(new Dictionary<string, OrtTensor>(), cancelled));
    }

    [Fact]
    public void Many_threads_run_one_session()
    {
        using var session = new OrtSession(Inline.ToBytes(), OneThread);

        Parallel.For(0, 200, i => Assert.Equal([[(4 * i) + 10, (6 * i) + 20]], Run(session, [i, i], "y")));
    }

    [Fact]
    public void A_disposed_session_or_input_is_refused()
    {
        var session = new OrtSession(Inline.ToBytes(), OneThread);
        var x = OrtTensor.Allocate(OrtElement.Float32, 1, 2);
        x.Dispose();

        Assert.Throws<ObjectDisposedException>(() => session.Run(new Dictionary<string, OrtTensor> { ["x"] = x }, CancellationToken.None));
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Run(session, [1, 1]));
    }

    [Fact]
    public void Options_reach_the_runtime()
    {
        Refused("", () => new OrtSession(Inline.ToBytes(), OneThread with { Config = new Dictionary<string, string> { [""] = "1" } }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new OrtSession(Inline.ToBytes(), new OrtOptions { Threads = -1 }));

        using var session = new OrtSession(Inline.ToBytes(), new OrtOptions { Arena = false, Prepack = false });
        Assert.Equal([[14, 26]], Run(session, [1, 1], "y"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static float[][] Run(OrtSession session, float[] rows, params string[] outputs)
    {
        using var x = OrtTensor.From<float>(rows, OrtElement.Float32, rows.Length / 2, 2);
        var results = session.Run(new Dictionary<string, OrtTensor> { ["x"] = x }, CancellationToken.None, outputs);
        try
        {
            return [.. results.Select(result => result.AsSpan<float>().ToArray())];
        }
        finally
        {
            Array.ForEach(results, result => result.Dispose());
        }
    }

    private static void Refused(string text, Func<object> act, OrtErrorCode? code = null)
    {
        var error = Assert.Throws<OrtException>(act);
        Assert.Contains(text, error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.NotEqual(OrtErrorCode.Ok, error.Code);
        Assert.Equal(code ?? error.Code, error.Code);
    }

    private static byte[] Bytes<T>(params ReadOnlySpan<T> values)
        where T : unmanaged => MemoryMarshal.AsBytes(values).ToArray();
}
