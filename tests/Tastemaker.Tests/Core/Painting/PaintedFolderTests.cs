using Tastemaker.Core.Imaging;
using Tastemaker.Core.Imaging.Generation;
using Tastemaker.Core.Painting;
using Tastemaker.Nets.Pixels;
using Tastemaker.Nets.StableDiffusion.Samplers;

namespace Tastemaker.Tests.Core.Painting;

public sealed class PaintedFolderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static PaintRequest Request => new() { Prompt = "a/b: \"c\"", Seed = 12, Width = 16, Height = 8 };

    private static DateTimeOffset Noon => new(2026, 11, 21, 12, 30, 59, TimeSpan.Zero);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("[index]-[seed]", "00007-12")]
    [InlineData("[seed]-[prompt]", "12-a_b_ _c_")]
    [InlineData("[date] [time]", "2026-11-21 123059")]
    [InlineData("[sampler]-[steps]-[cfg]-[width]x[height]", "DPM++ 2M-20-7-16x8")]
    [InlineData("painted", "painted")]
    public void Names_are_made_of_fields(string pattern, string name) => Assert.Equal(name, PaintNames.Parse(pattern).For(Request, 7, Noon));

    [Fact]
    public void A_prompt_of_any_length_and_kind_makes_a_name()
    {
        var names = PaintNames.Parse("[prompt]");

        Assert.Equal(200, names.For(Request with { Prompt = new('a', 10_000) }, 1, Noon).Length);
        Assert.Equal("12", names.For(Request with { Prompt = " .. " }, 1, Noon));
        Assert.Equal("__", names.For(Request with { Prompt = "\0\u001b" }, 1, Noon));
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(names.For(Request with { Prompt = string.Concat(Enumerable.Repeat("💥", 200)) }, 1, Noon)), 100, 200);
    }

    [Theory]
    [InlineData("[what]-[seed]", "has [what]; there are [index], [seed],")]
    [InlineData("../[seed]", "is no file's name")]
    [InlineData("", "is no file's name")]
    [InlineData(".hidden", "is no file's name")]
    public void A_pattern_that_names_no_file_is_told(string pattern, string message) =>
        Assert.Contains(message, Assert.Throws<PaintException>(() => PaintNames.Parse(pattern)).Message, StringComparison.Ordinal);

    [Fact]
    public void Nothing_is_overwritten()
    {
        var folder = new PaintedFolder(_folder["out"], PaintNames.Parse("same"), TimeProvider.System);
        var told = new List<string>();

        string[] files = [Write(folder, told), Write(folder, told), Write(folder, told)];

        Assert.Equal([_folder["out/same.png"], _folder["out/same-2.png"], _folder["out/same-3.png"]], files);
        Assert.Equal(files, told);
        Assert.Equal(3, Directory.EnumerateFileSystemEntries(_folder["out"]).Count());
    }

    [Fact]
    public void A_folder_that_takes_no_more_is_told_and_nothing_half_stays()
    {
        var folder = new PaintedFolder(_folder["out"], PaintNames.Parse("[index]"), TimeProvider.System);
        var first = Write(folder, []);
        Directory.Move(_folder["out"], _folder["elsewhere"]);

        var error = Assert.Throws<PaintException>(() => Write(folder, []));

        Assert.StartsWith($"'{_folder["out/00000.png"]}' cannot be written: ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("Pictures that were finished before stay.", error.Message, StringComparison.Ordinal);
        Assert.Equal([Path.GetFileName(first)], Directory.EnumerateFiles(_folder["elsewhere"]).Select(Path.GetFileName));
    }

    [Fact]
    public void A_file_says_how_it_was_made_and_the_request_comes_back_from_it()
    {
        var request = Request with
        {
            Prompt = "a cat, (sharp:1.2)\nwith a hat", Negative = "bad: art, \"worse\"", Guidance = 6.5, ClipSkip = 2, Noise = NoiseSource.Cpu,
            Sampler = new() { Method = SamplerMethod.Ddim, Steps = 13, Eta = 0.25 },
        };
        var folder = new PaintedFolder(_folder["out"], PaintNames.Parse("[seed]"), TimeProvider.System);

        var file = folder.Write(new(0, request, Grey(), default), PaintInfotext.Of(request, "tiny, 2", "0123456789", [new("Precision", "f16")]), _ => { });

        var made = GenerationInfo.Of(file)!;
        Assert.Equal((Generator.Tastemaker, "tiny, 2", "0123456789", "DDIM"), (made.Generator, made.Model, made.ModelHash, made.Sampler));
        Assert.Contains(new("Precision", "f16"), made.Settings);
        Assert.Equal(request, PaintInfotext.Read(made));
        Assert.Equal(Grey().Pixels, ImageDecoder.Decode(file, cancel: TestContext.Current.CancellationToken).Pixels);
    }

    [Theory]
    [InlineData(SamplerMethod.DpmPlusPlus2M, true, "Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 12, Size: 16x8, Model hash: 00, Model: m, Version: Tastemaker")]
    [InlineData(SamplerMethod.EulerAncestral, false, "Sampler: Euler a, Schedule type: Uniform, CFG scale: 7, Seed: 12, Size: 16x8, Model hash: 00, Model: m, Version: Tastemaker")]
    [InlineData(SamplerMethod.Pndm, false, "Sampler: PLMS, CFG scale: 7, Seed: 12, Size: 16x8, Model hash: 00, Model: m, Version: Tastemaker")]
    public void Infotext_is_as_the_web_UI_writes_it(SamplerMethod method, bool isKarras, string line)
    {
        var request = Request with { Prompt = "a", Sampler = new() { Method = method, IsKarras = isKarras } };

        Assert.Equal($"a\nSteps: 20, {line}", PaintInfotext.Of(request, "m", "00", []).ToString());
    }

    private static string Write(PaintedFolder folder, List<string> told) => folder.Write(new(0, Request, Grey(), default), PaintInfotext.Of(Request, "m", "00", []), told.Add);

    private static Raster Grey() => new(16, 8, PixelMode.Rgb, [.. Enumerable.Repeat((byte)99, 16 * 8 * 3)]);
}
