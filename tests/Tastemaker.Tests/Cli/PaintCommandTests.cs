using System.Globalization;
using System.Text.Json;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Imaging.Generation;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Library;
using Tastemaker.Core.Painting;
using Tastemaker.Nets.Pixels;
using Tastemaker.Tests.Core.Painting;

namespace Tastemaker.Tests.Cli;

public sealed class PaintCommandTests : IDisposable
{
    private readonly TestStudio _studio = new();
    private readonly TinyCheckpoint _checkpoint = new();

    public void Dispose()
    {
        _studio.Dispose();
        _checkpoint.Dispose();
    }

    [Fact]
    public async Task A_picture_says_how_it_was_made_and_is_painted_again_to_the_byte()
    {
        var painted = await Output("a cat, (by the sea:1.2)", "--negative", "bad", "--seed", "5", "--count", "2", "--steps", "3", "--sampler", "euler_a", "--cfg", "5.5", "--clip-skip", "2", "--noise", "cpu");

        var files = painted.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal([_studio["out/00000-5.png"], _studio["out/00001-6.png"]], files.Select(Path.GetFullPath));
        var made = GenerationInfo.Of(files[1])!;
        Assert.Equal(("a cat, (by the sea:1.2)", "bad", 6UL, 3, "Euler a", 5.5, 16, 12, "tiny"),
            (made.Prompt, made.NegativePrompt, made.Seed, made.Steps, made.Sampler, made.CfgScale, made.Width, made.Height, made.Model));

        var (code, again, error) = await _studio.Run("paint", "--checkpoint", _checkpoint.Path, "--device", "cpu", "--out", _studio["again"], "--like", files[1], "--batch", "3");
        Assert.True(code == 0, error);
        Assert.Equal(File.ReadAllBytes(files[1]), File.ReadAllBytes(again.Trim()));
        Assert.Equal(0, _studio.Count().Images); // What is not scored is the user's file alone.
    }

    [Fact]
    public async Task Scored_pictures_are_kept_above_a_score_until_there_are_enough_and_enter_the_studio()
    {
        var scores = (await Output("a cat", "--seed", "1", "--count", "6", "--steps", "2", "--model", "plain"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => double.Parse(line.Split('\t')[1].Split(' ')[1], null)).ToList();
        Assert.Equal(6, scores.Count);
        var above = scores.Order().ElementAt(3) + 0.0001;
        var passing = scores.Index().Where(s => s.Item >= above).Select(s => (ulong)s.Index + 1).ToList();
        Assert.Equal(2, passing.Count);

        var (code, json, error) = await Paint(
            "a cat", "--seed", "1", "--steps", "2", "--model", "plain", "--above", $"{above:F4}", "--until", "2", "--max", "6", "--out", _studio["best"], "--json");

        Assert.True(code == 0, error);
        using var all = JsonDocument.Parse(json);
        var outcomes = all.RootElement.EnumerateArray().ToList();
        Assert.Equal((int)passing[1], outcomes.Count); // It stops where there are enough.
        Assert.Equal(passing, outcomes.Where(o => o.GetProperty("file").ValueKind == JsonValueKind.String).Select(o => o.GetProperty("seed").GetUInt64()));
        Assert.Equal(2, Directory.EnumerateFiles(_studio["best"]).Count());
        Assert.Equal(6, _studio.Count().Images);

        (code, _, error) = await Paint("a cat", "--steps", "2", "--model", "plain", "--above", "1000", "--until", "1", "--max", "2", "--out", _studio["none"]);
        Assert.Equal(1, code);
        Assert.Contains("not kept", error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_studio["none"]));
    }

    [Fact]
    public async Task What_is_queued_is_painted_later_and_what_cannot_be_stops_nothing_else()
    {
        using var gone = new TinyCheckpoint();
        await Output("a", "--queue", "--steps", "1", "--checkpoint", gone.Path);
        await Output("a cat", "--queue", "--seed", "3", "--count", "2", "--steps", "1");
        Assert.Empty(TestStudio.Contents(_studio["out"]));
        File.Delete(gone.Path);

        var (code, painted, error) = await _studio.Run("paint", "--resume");

        Assert.Equal(1, code);
        Assert.Contains("there is no such file or folder", error, StringComparison.Ordinal);
        Assert.Equal(["00000-3.png", "00001-4.png"], painted.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Path.GetFileName));

        (code, _, error) = await _studio.Run("paint", "--forget");
        Assert.Equal((0, "Pictures that waited and will not be painted: 1.\n"), (code, error.ReplaceLineEndings("\n")));
        Assert.Contains("nothing is left to paint.", (await _studio.Run("paint", "--resume")).Error, StringComparison.Ordinal);
    }

    /// <summary>The same pictures are studied and painted, so that what must be stopped is known; to what they teach comes a study by which the first step tells all.</summary>
    [Fact]
    public async Task Pictures_that_a_study_calls_hopeless_are_stopped_at_a_stated_risk()
    {
        const int Pictures = 12, Steps = 4;
        var prompts = _studio.Folder.File("p.txt", "a cat\n");
        string[] painter = ["--checkpoint", _checkpoint.Path, "--device", "cpu", "--steps", $"{Steps}", "--width", "16", "--height", "12", "--seed", "1", "--model", "plain"];
        using var study = JsonDocument.Parse(await _studio.Output(["study", "early-steps", "--prompts", prompts, "--seeds", $"{Pictures}", "--json", .. painter]));
        var scores = study.RootElement.GetProperty("scores").EnumerateArray()
            .Select(s => new EarlyScores([.. s.GetProperty("steps").EnumerateArray().Select(x => x.GetSingle())], s.GetProperty("final").GetSingle())).ToList();
        Assert.Equal((Pictures, Steps), (scores.Count, study.RootElement.GetProperty("steps").GetArrayLength()));
        float[] early = [.. scores.Select(s => s.Steps[0]).Order()], final = [.. scores.Select(s => s.Final).Order()];
        double above = final[Pictures / 2];
        string[] paint = ["paint", "a cat", "--count", $"{Pictures}", "--above", above.ToString("R", CultureInfo.InvariantCulture), "--out", _studio["out"], .. painter];
        var (code, _, error) = await _studio.Run([.. paint, "--prune"]);
        Assert.Equal(2, code);
        Assert.Contains("44 are needed to stop others at a risk of 0.1", error, StringComparison.Ordinal);
        (code, _, error) = await _studio.Run([.. paint, "--prune", "--cfg", "5"]);
        Assert.Equal(2, code);
        Assert.Contains("Measured: DPM++ 2M Karras 4 steps 16x12 cfg 7. Wanted: DPM++ 2M Karras 4 steps 16x12 cfg 5.", error, StringComparison.Ordinal);

        List<EarlyScores> clear = [.. Enumerable.Range(-50, 100).Select(i => i / 25f).Select(x =>
            new EarlyScores([early[Pictures / 4] + (x * (early[^1] - early[0])), .. scores[0].Steps.Skip(1)], (float)(above + (x * (final[^1] - final[0])))))];
        using (var database = StudioDatabase.Open(_studio.Studio, TimeProvider.System))
        {
            new EarlyStudy(study.RootElement.GetProperty("checkpoint").GetString()!, "plain", study.RootElement.GetProperty("settings").GetString()!, clear).Keep(database);
        }

        var rule = PruneRule.Of(new("", "", "", [.. scores, .. clear]), above, 0.3);
        var expected = scores.Index().Select(s => (Seed: (ulong)s.Index + 1, Step: rule.Bounds.Keys.Order().FirstOrDefault(step => !rule.GoesOn(step, s.Item.Steps[step - 1]))))
            .Where(s => s.Step > 0).ToList();
        Assert.InRange(expected.Count, 1, Pictures - 1);
        (code, var json, error) = await _studio.Run([.. paint, "--prune", "0.3", "--json", "--batch", "5"]);

        Assert.True(code == 0, error);
        Assert.Contains($"of those that would pass, 30 % at most are lost so, 95 % sure, by {rule.Winners} that passed in the study.", error, StringComparison.Ordinal);
        Assert.Contains($"Stopped early: {expected.Count} of {Pictures} pictures, which spared {expected.Sum(s => Steps - s.Step)} of {Pictures * Steps} steps (", error, StringComparison.Ordinal);
        using var outcomes = JsonDocument.Parse(json);
        var stopped = outcomes.RootElement.EnumerateArray().Where(o => o.GetProperty("stoppedAt").ValueKind == JsonValueKind.Number)
            .Select(o => (Seed: o.GetProperty("seed").GetUInt64(), Step: o.GetProperty("stoppedAt").GetInt32()));
        Assert.Equal(expected, stopped.Order());
        var kept = scores.Index().Count(s => s.Item.Final >= above && expected.TrueForAll(e => e.Seed != (ulong)s.Index + 1));
        Assert.Equal(kept, Directory.EnumerateFiles(_studio["out"]).Count());
    }

    [Fact]
    public async Task A_disk_that_is_full_in_the_middle_is_told_and_the_finished_pictures_stay()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only the superuser of a Linux can make a small disk.");
        var disk = _studio.Folder.Folder("disk");
        Assert.SkipUnless(await Exits("mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", disk), "This superuser may not mount a small disk.");
        try
        {
            var (code, painted, error) = await Paint("a cat", "--count", "9", "--steps", "1", "--seed", "1", "--out", disk);

            Assert.Equal(1, code);
            Assert.Contains("cannot be written: No space left on device", error, StringComparison.Ordinal);
            Assert.Contains("'taste paint --resume' goes on from there.", error, StringComparison.Ordinal);
            var files = painted.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Path.GetFullPath).ToList();
            Assert.InRange(files.Count, 1, 8);
            Assert.Equal(files, Directory.EnumerateFiles(disk).Order(StringComparer.Ordinal));
            Assert.All(files, file => Assert.Equal("a cat", GenerationInfo.Of(file)!.Prompt));
        }
        finally
        {
            await Exits("umount", disk);
        }

        static async Task<bool> Exits(string program, params string[] arguments)
        {
            using var process = System.Diagnostics.Process.Start(program, arguments);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return process.ExitCode == 0;
        }
    }

    [Fact]
    public async Task A_taste_judges_as_the_head_that_is_trained_of_it()
    {
        string[] painted = ["a cat", "--seed", "1", "--count", "8", "--steps", "1"];
        await Output([.. painted, "--model", "plain"]);
        using (var database = StudioDatabase.Open(_studio.Studio, TimeProvider.System))
        {
            var ids = database.Read(db => db.Rows("select id from images order by id", row => row.GetInt64(0)));
            new JudgementLog(database).Append("mine", [.. ids.SelectMany(a => ids.Where(b => b < a).Select(b => new[] { Verdict.Choice(a, b) }))], new("me", "test"));
        }

        var byTaste = Scores(await Output([.. painted, "--model", "mine"]), "mine");
        await _studio.Output("train", "--name", "eye", "--encoder", "gist");
        var byHead = Scores(await Output([.. painted, "--model", "eye"]), "eye");

        Assert.Equal(8, byTaste.Distinct().Count());
        Assert.Equal(byHead, byTaste);

        static List<string> Scores(string output, string name) => [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split($"\t{name} ")[1])];
    }

    [Fact]
    public async Task Prompts_and_seeds_come_from_files_line_by_line()
    {
        var (prompts, seeds) = (_studio.Folder.File("p.txt", "a cat\na dog\n"), _studio.Folder.File("s.txt", "7\n-1\n"));

        var json = await Output("--prompts", prompts, "--seeds", seeds, "--steps", "1", "--name", "[prompt]", "--json");

        using var all = JsonDocument.Parse(json);
        var outcomes = all.RootElement.EnumerateArray().ToList();
        Assert.Equal(["a cat.png", "a dog.png"], outcomes.Select(o => Path.GetFileName(o.GetProperty("file").GetString())));
        Assert.Equal(7, outcomes[0].GetProperty("seed").GetInt32());
    }

    [Fact]
    public async Task A_picture_can_be_begun_from_another_of_which_it_takes_the_size()
    {
        var start = _studio.Folder.Write("start.png", ImageWriter.Png(new(21, 14, PixelMode.Rgb, [.. Enumerable.Range(0, 21 * 14 * 3).Select(i => (byte)i)])));

        var (code, file, error) = await _studio.Run(
            "paint", "a cat", "--checkpoint", _checkpoint.Path, "--device", "cpu", "--steps", "4", "--init", start, "--strength", "0.5", "--out", _studio["out"]);

        Assert.True(code == 0, error);
        var facts = ImageFacts.Of(file.Trim(), TestContext.Current.CancellationToken);
        Assert.Equal((20, 14), (facts.Width, facts.Height));
        Assert.Contains(facts.Generation!.Settings, setting => setting is { Key: "Denoising strength", Value: "0.5" });
    }

    [Fact]
    public async Task Weights_that_are_not_used_are_told_of()
    {
        using var more = new TinyCheckpoint(change: made => made.Entries.Add(new("model.diffusion_model.time_embed.cond_proj.weight", [4])));

        var (code, _, error) = await _studio.Run("paint", "a", "--checkpoint", more.Path, "--device", "cpu", "--steps", "1", "--width", "16", "--height", "16", "--out", _studio["out"]);

        Assert.Equal(0, code);
        Assert.Contains("has weights that are not used, and may be meant to change the pictures (1 in all)", error, StringComparison.Ordinal);
        Assert.Contains("'model.diffusion_model.time_embed.cond_proj.weight'", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("there is no prompt.")]
    [InlineData("a width of 15 pixels is asked for", "a", "--width", "15")]
    [InlineData("there is no sampler 'magic'", "a", "--sampler", "magic")]
    [InlineData("0 steps are asked for", "a", "--steps", "0")]
    [InlineData("--until counts the pictures that pass", "a", "--until", "3")]
    [InlineData("--until and --count both", "a", "--until", "3", "--count", "3", "--model", "plain", "--above", "3")]
    [InlineData("--prune stops what will not pass", "a", "--prune", "0.1")]
    [InlineData("--above is a score", "a", "--above", "3")]
    [InlineData("no model 'nobody'", "a", "--model", "nobody", "--above", "3")]
    [InlineData("--batch 0 is asked for", "a", "--batch", "0")]
    [InlineData("0 pictures of 1 prompts are asked for", "a", "--count", "0")]
    [InlineData("--seed -7 is none", "a", "--seed", "-7")]
    [InlineData("has [what]", "a", "--name", "[what]")]
    [InlineData("strength 0.5 is asked for without a picture", "a", "--strength", "0.5")]
    [InlineData("does not exist", "a", "--init", "/nowhere/at/all.png")]
    [InlineData("cannot be read", "--prompts", "/nowhere/at/all.txt")]
    [InlineData("a prompt and --prompts both", "a", "--prompts", "/nowhere/at/all.txt")]
    [InlineData("--seeds says which seeds and how many", "a", "--seeds", "/nowhere/at/all.txt", "--count", "3")]
    public async Task What_cannot_be_painted_is_told_and_no_file_is_made(string message, params string[] arguments)
    {
        var (code, output, error) = await Paint(arguments);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Empty(TestStudio.Contents(_studio["out"]));
    }

    private async Task<string> Output(params string[] arguments)
    {
        var (code, output, error) = await Paint(arguments);
        Assert.True(code == 0, error);
        return output;
    }

    private Task<(int Code, string Output, string Error)> Paint(params string[] arguments) => _studio.Run(
    [
        "paint", .. arguments.Contains("--checkpoint") ? Array.Empty<string>() : ["--checkpoint", _checkpoint.Path], "--device", "cpu", .. arguments.Contains("--out") ? Array.Empty<string>() : ["--out", _studio["out"]],
        .. arguments.Contains("--width") ? Array.Empty<string>() : ["--width", "16"], "--height", "12", .. arguments,
    ]);
}
