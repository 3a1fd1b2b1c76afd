using System.Diagnostics;
using System.Text.Json;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Imaging.Generation;
using Tastemaker.Core.Imaging.Metadata;
using Tastemaker.Core.Painting.Abstract;
using Tastemaker.Nets.Pixels;
using Tastemaker.Tests.Core.Imaging.Metadata;

namespace Tastemaker.Tests.Cli;

/// <summary>What <c>taste tag</c> and <c>taste rate</c> write into and beside files, and that <c>taste undo</c> restores every byte.</summary>
public sealed class WritingTests : IDisposable
{
    private const int Side = 32;
    private const string Infotext = "a castle\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 32x32";

    private readonly TestStudio _studio = new();

    private string In => _studio["in"];

    public void Dispose() => _studio.Dispose();

    [Fact]
    public async Task Tagging_twice_equals_once_and_undo_restores_the_captions()
    {
        var images = Paint(20);
        await File.WriteAllTextAsync(Beside(images[0]), "1girl, solo\r\nanother\r\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Beside(images[1]), "\uFEFFsea", TestContext.Current.CancellationToken);
        var before = TestStudio.Contents(In);

        var (code, _, error) = await _studio.Run("tag", In, "--scheme", "pony-v6");

        Assert.Equal(0, code);
        Assert.Contains("12 files written, 8 were as wanted. 'taste undo' takes it back.", error, StringComparison.Ordinal);
        Assert.Contains("keep_tokens = 6", error, StringComparison.Ordinal);
        var ranked = (await Score()).OrderByDescending(row => row.Raw).Select(row => row.Path).ToList();
        for (var i = 0; i < ranked.Count; i++)
        {
            var caption = File.Exists(Beside(ranked[i])) ? await File.ReadAllTextAsync(Beside(ranked[i]), TestContext.Current.CancellationToken) : "";
            var tier = 9 - (i / 2);
            Assert.StartsWith(tier < 4 ? "" : string.Join(", ", [$"score_{tier}", .. Enumerable.Range(4, tier - 4).Reverse().Select(k => $"score_{k}_up")]), caption.TrimStart('\uFEFF'), StringComparison.Ordinal);
        }

        Assert.EndsWith("1girl, solo\r\nanother\r\n", await File.ReadAllTextAsync(Beside(images[0]), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var once = TestStudio.Contents(In);
        Assert.Contains("0 files written, 20 were as wanted", (await _studio.Run("tag", In, "--scheme", "pony-v6")).Error, StringComparison.Ordinal);
        Assert.Equal(once, TestStudio.Contents(In));

        await _studio.Output("undo");
        Assert.Equal(before, TestStudio.Contents(In));
    }

    [Fact]
    public async Task A_dry_run_shows_tiers_and_samples_and_writes_nothing()
    {
        Paint(10);
        var before = TestStudio.Contents(In);

        var (code, output, error) = await _studio.Run("tag", In, "--scheme", "animagine", "--dry-run");

        Assert.Equal(0, code);
        Assert.Equal(before, TestStudio.Contents(In));
        Assert.Contains("great quality", output, StringComparison.Ordinal);
        Assert.Contains(".png: best quality", output, StringComparison.Ordinal);
        Assert.Contains("nothing was written", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generation_parameters_beside_an_image_are_refused_and_named_and_the_others_are_tagged()
    {
        var images = Paint(4);
        await File.WriteAllTextAsync(Beside(images[2]), Infotext, TestContext.Current.CancellationToken);

        var (code, _, error) = await _studio.Run("tag", In, "--scheme", "pony-full");

        Assert.Equal(1, code);
        Assert.Contains($"'{Beside(images[2])}': holds generation parameters", error, StringComparison.Ordinal);
        Assert.Contains("3 files written, 0 were as wanted, 1 failed", error, StringComparison.Ordinal);
        Assert.Equal(Infotext, await File.ReadAllTextAsync(Beside(images[2]), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_trainer_s_metadata_file_gets_the_tags()
    {
        var images = Paint(3);
        var table = _studio.Folder.File("meta.json", """{"00": {"caption": "a"}, "01": {"tags": "b"}}""");

        var (code, _, error) = await _studio.Run("tag", In, "--scheme", "pony-full", "--metadata", table);

        Assert.Equal(1, code);
        Assert.Contains($"'{images[2]}': 'meta.json' has no entry", error, StringComparison.Ordinal);
        var json = JsonDocument.Parse(await File.ReadAllTextAsync(table, TestContext.Current.CancellationToken)).RootElement;
        Assert.Contains("score_", json.GetProperty("00").GetProperty("tags").GetString(), StringComparison.Ordinal);
        Assert.EndsWith(", b", json.GetProperty("01").GetProperty("tags").GetString(), StringComparison.Ordinal);
        Assert.Equal(3, Directory.GetFiles(In).Length);
    }

    [Fact]
    public async Task Captions_that_two_images_would_share_are_named()
    {
        var images = Paint(2);
        File.Copy(images[0], Path.ChangeExtension(images[0], ".jpeg"));

        var (code, _, error) = await _studio.Run("tag", In, "--scheme", "pony-full");

        Assert.Equal(1, code);
        Assert.Contains("'00.txt' would be the caption of 2 images", error, StringComparison.Ordinal);
        Assert.False(File.Exists(Beside(images[0])));
    }

    [Fact]
    public async Task Tags_stars_and_scores_in_the_files_leave_the_picture_as_it_is_and_undo_restores_every_byte()
    {
        var images = Paint(12);
        var before = TestStudio.Contents(In);
        var pixels = images.ToDictionary(image => image, image => ImageDecoder.Decode(image, cancel: TestContext.Current.CancellationToken).Pixels);
        var ids = (await Score()).ToDictionary(row => row.Path, row => row.ContentId);

        await _studio.Output("tag", In, "--scheme", "pony-full", "--write", "xmp");
        await _studio.Output("rate", In, "--write", "exif,xmp,sidecar");

        var ranked = await Score();
        Assert.All(ranked, row => Assert.Equal(ids[row.Path], row.ContentId));
        for (var i = 0; i < ranked.Count; i++)
        {
            var metadata = EmbeddedMetadata.Read(ranked[i].Path);
            var xmp = XmpFields.Parse(metadata.Xmp!);
            var stars = new[] { 95.0, 80, 50, 20 }.TakeWhile(edge => 100 * (ranked.Count - i - 0.5) / ranked.Count < edge).Count() switch { 0 => 5, 1 => 4, 2 => 3, 3 => 2, _ => 1 };
            Assert.Equal((stars, $"{stars}", stars), (xmp.Rating, metadata.Exif[0x4746], XmpSidecar.Read(XmpSidecar.Find(ranked[i].Path)!).Rating));
            Assert.Contains(xmp.Tags, tag => tag.StartsWith("score_", StringComparison.Ordinal));
            Assert.Equal(pixels[ranked[i].Path], ImageDecoder.Decode(ranked[i].Path, cancel: TestContext.Current.CancellationToken).Pixels);
        }

        Assert.Contains("0 files written, 24 were as wanted", (await _studio.Run("rate", In, "--write", "exif,xmp,sidecar")).Error, StringComparison.Ordinal);
        await _studio.Output("undo");
        await _studio.Output("undo");
        Assert.Equal(before, TestStudio.Contents(In));
    }

    [Fact]
    public async Task Scores_go_where_their_readers_look_and_what_has_no_place_for_them_is_named()
    {
        var images = Paint(2);
        var png = images.Single(image => image.EndsWith(".png", StringComparison.Ordinal));
        var bytes = await File.ReadAllBytesAsync(png, TestContext.Current.CancellationToken);
        var change = new MetadataChange { PngTexts = new Dictionary<string, string?> { ["parameters"] = Infotext } };
        await File.WriteAllBytesAsync(png, Splices.Apply(bytes, MetadataEdit.Plan(new MemoryStream(bytes), ImageFormat.Png, change)), TestContext.Current.CancellationToken);

        var (code, _, error) = await _studio.Run("rate", In, "--write", "png,infotext");

        Assert.Equal(1, code);
        Assert.Contains("1 files written", error, StringComparison.Ordinal);
        var raw = (await Score()).Single(row => row.Path == png).Raw;
        var texts = EmbeddedMetadata.Read(png).Texts.ToDictionary(text => text.Keyword, text => text.Text);
        Assert.Equal(raw.ToString("F1", System.Globalization.CultureInfo.InvariantCulture), texts["aesthetic_score"]);
        Assert.Equal(Infotext + string.Create(System.Globalization.CultureInfo.InvariantCulture, $", Score: {raw:F2}"), texts["parameters"]);
        Assert.Equal("a castle", GenerationInfo.Of(png)!.Prompt);

        await _studio.Output("rate", In, "--write", "png,infotext,xmp");
        Assert.All(images, image => Assert.NotNull(XmpFields.Parse(EmbeddedMetadata.Read(image).Xmp!).Rating));
    }

    [Theory]
    [InlineData("--stars", "20,50,80", "four rising percentiles")]
    [InlineData("--write", "jpg", "'jpg' is no place")]
    public async Task What_cannot_be_meant_is_refused(string option, string value, string reason)
    {
        Paint(1);

        var (code, _, error) = await _studio.Run("rate", In, option, value);

        Assert.Equal(2, code);
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kill_at_any_moment_leaves_each_file_old_or_new_and_undo_restores_all()
    {
        var images = Paint(300);
        await _studio.Output("embed", In);
        var before = TestStudio.Contents(In);
        var painted = images.ToDictionary(image => image, File.GetLastWriteTimeUtc);
        var (killed, dice) = (0, new Random(3));
        for (var attempt = 0; attempt < 8 && killed < 3; attempt++)
        {
            using var process = Taste.Start("--studio", _studio.Studio.Root, "rate", In, "--write", "xmp,exif", "-q");
            var first = Stopwatch.StartNew();
            while (!process.HasExited && images.All(image => File.GetLastWriteTimeUtc(image) == painted[image]) && first.Elapsed < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }

            await Task.Delay(dice.Next(60), TestContext.Current.CancellationToken);
            killed += process.HasExited ? 0 : 1;
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);

            Assert.All(images, image => Assert.Equal(Side, ImageDecoder.Decode(image, cancel: TestContext.Current.CancellationToken).Width));
            await _studio.Output("undo");
            Assert.Equal(before, TestStudio.Contents(In));
        }

        Assert.NotEqual(0, killed);
        Assert.Contains("sound", await _studio.Output("doctor"), StringComparison.Ordinal);
    }

    private async Task<List<Row>> Score() => Row.Parse(await _studio.Output("score", In));

    private static string Beside(string image) => Path.ChangeExtension(image, ".txt");

    /// <summary>PNG, JPEG and WebP in turn, named 00 upward.</summary>
    private List<string> Paint(int count) => [.. Enumerable.Range(0, count).Select(i =>
    {
        var raster = new Raster(Side, Side, PixelMode.Rgb, AbstractPainter.Paint(AbstractPrompt.Draw((ulong)i), (ulong)i, Side));
        var (extension, bytes) = (i % 3) switch
        {
            0 => ("png", ImageWriter.Png(raster)),
            1 => ("jpg", ImageWriter.Jpeg(raster)),
            _ => ("webp", ImageWriter.WebP(raster)),
        };
        var path = Path.Combine(_studio.Folder.Folder("in"), $"{i:00}.{extension}");
        File.WriteAllBytes(path, bytes);
        return path;
    })];
}
