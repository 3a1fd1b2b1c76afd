using Tastemaker.App;
using Tastemaker.App.Cli;
using Tastemaker.App.Web;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Library;
using Tastemaker.Core.Models;
using Tastemaker.Core.Painting;
using Tastemaker.Core.Painting.Abstract;
using Tastemaker.Core.Platform;
using Tastemaker.Nets.Pixels;
using Tastemaker.Tests.Core.Painting;

namespace Tastemaker.Tests.Web;

/// <summary>A studio of our own painted pictures, served in this process on a port that is free.</summary>
internal sealed class Served : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Workspace _workspace;
    private readonly IEncoder _encoder;
    private readonly TinyCheckpoint? _checkpoint;
    private readonly PaintingRoom _room;
    private Task _serving = Task.CompletedTask;

    private Served(IEncoder encoder, bool paints)
    {
        _encoder = encoder;
        _workspace = new(new StudioFolder(_folder["studio"]));
        _room = new(_workspace, Cli.Taste.Silent);
        _checkpoint = paints ? new() : null;
    }

    public Uri Address => _listening.Task.Result;

    public Workspace Workspace => _workspace;

    /// <param name="pictures">Painted, described and ready to be judged.</param>
    /// <param name="paints">Whether there is a checkpoint, so that the page Paint paints.</param>
    /// <param name="painted">Pictures that an earlier server is to have painted.</param>
    /// <param name="listed">Images in all: those that are not painted have a row and features, and no file that is there.</param>
    public static async Task<Served> Start(int pictures, int side = 96, int listed = 0, bool paints = false, int painted = 0)
    {
        var served = new Served(listed > 0 ? new ColourEncoder() : new GistImageEncoder(Orientation.Apply), paints);
        var vectors = served._workspace.Vectors(served._encoder);
        if (pictures > 0)
        {
            served.Paint(pictures, side);
            var found = FolderScan.Run([served._folder["pictures"]], TextReader.Null, served._workspace.Folder, CancellationToken.None);
            Assert.Empty(new Embedder(served._workspace.Library, vectors, served._encoder, TimeProvider.System).Bring(found.Done, null, CancellationToken.None).Failures);
        }

        served.Leave(painted, side);
        served.List(listed - pictures, vectors);
        served._serving = WebHost.Serve(new(served._workspace, [], served._encoder)
        {
            Port = 0,
            Listening = served._listening.SetResult,
            Painting = served._checkpoint is { } checkpoint ? TestServer.Painting(checkpoint.Path, served._workspace.Folder, served._workspace, served._room) : null,
        }, served._stop.Token);
        await Task.WhenAny(served._listening.Task, served._serving);
        return served;
    }

    /// <summary>A picture of our own, the same for the same number.</summary>
    public static Raster Abstract(int number, int side) => new(side, side, PixelMode.Rgb, AbstractPainter.Paint(AbstractPrompt.Draw((ulong)number + 11), (ulong)number, side));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _stop.Dispose();
        _room.Dispose();
        _checkpoint?.Dispose();
        _encoder.Dispose();
        _workspace.Dispose();
        _folder.Dispose();
    }

    private void Paint(int count, int side)
    {
        var folder = _folder.Folder("pictures");
        Parallel.For(0, count, i =>
        {
            var prompt = AbstractPrompt.Draw((ulong)i + 11);
            var name = $"{prompt.Subject} {prompt.Action} {i}.png".Replace(' ', '-');
            File.WriteAllBytes(Path.Combine(folder, name), ImageWriter.Png(Abstract(i, side)));
        });
    }

    /// <summary>Our own pictures, as if the checkpoint of an earlier server had painted them.</summary>
    private void Leave(int count, int side)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_workspace.Folder.Root, "painted")).FullName;
        Parallel.For(0, count, i =>
        {
            var request = new PaintRequest { Prompt = $"{AbstractPrompt.Draw((ulong)i + 111).Subject} by the sea", Seed = (ulong)i + 1, Width = side, Height = side };
            var texts = new Dictionary<string, string?> { ["parameters"] = $"{PaintInfotext.Of(request, "tiny", "0000000000", [])}" };
            File.WriteAllBytes(Path.Combine(folder, $"{i:00000}-{request.Seed}.png"), ImageWriter.Png(Abstract(i + 100, side), texts));
        });
    }

    private void List(int count, VectorStore vectors)
    {
        var dice = new Random(5);
        for (var start = 0; start < count; start += 10_000)
        {
            var images = Enumerable.Range(start, Math.Min(10_000, count - start)).Select(i =>
            {
                var content = new byte[ContentId.Size];
                BitConverter.TryWriteBytes(content, i + 1L);
                return new ReadImage(new(_folder[$"gone/{i:000000}.png"], 1, i), content, 64, 64, "png");
            }).ToList();
            vectors.Append([.. _workspace.Library.Add(images).Select(id => new NewVector(id, ColourEncoder.Draw(dice)))]);
        }
    }

    /// <summary>The mean colour of sixteen fields: quick, and enough to rank by.</summary>
    private sealed class ColourEncoder : IEncoder
    {
        private const int Grid = 4;
        private const int Dims = Grid * Grid * 3;

        public string Name => "colours";

        public string Fingerprint => "colours-of-sixteen-fields";

        public FeatureSpace Space { get; } = new("colours", Dims);

        public Orientation Orientation => Orientation.Apply;

        public static float[] Draw(Random dice) => [.. Enumerable.Range(0, Dims).Select(_ => dice.NextSingle())];

        public float[] Encode(Raster picture, CancellationToken cancel)
        {
            var (rgb, sums) = (picture.ToRgb(), new float[Dims]);
            for (var y = 0; y < rgb.Height; y++)
            {
                for (var x = 0; x < rgb.Width; x++)
                {
                    var field = (y * Grid / rgb.Height * Grid) + (x * Grid / rgb.Width);
                    for (var c = 0; c < 3; c++)
                    {
                        sums[(field * 3) + c] += rgb.Pixels[(((y * rgb.Width) + x) * 3) + c] / 255f / rgb.Width / rgb.Height;
                    }
                }
            }

            return sums;
        }

        public void Dispose()
        {
        }
    }
}
