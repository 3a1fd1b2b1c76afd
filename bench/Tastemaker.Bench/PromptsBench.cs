using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Tastemaker.Bench;

/// <summary>
/// Is a table of any size gone through in bounded time and memory? Writes rows like those of open-prompts, and selects SD-Chad's recipe
/// from them with the real program: <c>dotnet run build.cs -- bench prompts PROGRAM FILE [ROWS]</c>. Of ten million rows it is to take less than
/// 60 s and 2 GiB on two cores.
/// </summary>
/// <remarks>FILE stays and is used again; it is drawn from a seed, about 1 kB a row as in the published sample (10 GB for ten million).</remarks>
internal static class PromptsBench
{
    private const int UsualRows = 10_000_000;

    private static readonly string[] Words =
        "a portrait of the cat in an ancient forest, highly detailed digital painting, artstation, concept art, smooth, sharp focus, illustration, cinematic lighting, golden hour, octane render, 8 k, trending on"
            .Split(' ');

    public static int Run(string[] args)
    {
        if (args.Length is < 2 or > 3)
        {
            Console.Error.WriteLine("usage: prompts PROGRAM FILE [ROWS]; PROGRAM is a built taste, such as artifacts/taste/taste.");
            return 2;
        }

        var rows = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : UsualRows;
        if (!File.Exists(args[1]))
        {
            Write(args[1], rows);
        }

        return Measure(args[0], args[1]);
    }

    private static void Write(string path, int rows)
    {
        var random = new Random(1);
        using var writer = new StreamWriter($"{path}.part", append: false, new UTF8Encoding(false), bufferSize: 1 << 20);
        writer.Write("prompt,raw_data\n");
        for (var row = 0; row < rows; row++)
        {
            var prompt = string.Join(' ', Enumerable.Range(0, random.Next(8, 40)).Select(_ => Words[random.Next(Words.Length)]));
            writer.Write($"\"{prompt}\",\"{Settings(prompt, random).Replace("\"", "\"\"", StringComparison.Ordinal)}\"\n");
        }

        writer.Flush();
        File.Move($"{path}.part", path);
    }

    /// <summary>One row in eleven has the bot's message instead of settings, as in the sample.</summary>
    private static string Settings(string prompt, Random random)
    {
        var (seed, index) = (random.NextInt64(uint.MaxValue), random.Next(9));
        var (width, height) = (random.Next(3) == 0 ? 768 : 512, random.Next(4) == 0 ? 704 : 512);
        var (steps, cfg) = (random.Next(4) == 0 ? 150 : 50, random.Next(4) == 0 ? 15 : 7);
        var modifiers = string.Join(", ", prompt.Split(", ").Select(m => $"\"{m}\""));
        var name = $"https://cdn.example/attachments/1005626976016531567/1007141005977469019/{prompt.Replace(' ', '_').Replace(",", "", StringComparison.Ordinal)}_-n_9_-i_-S_{seed}_ts-1660191527_idx-{index}.png";
        return random.Next(11) == 0
            ? $$"""{"image_uri": "PENDING", "modifiers": [{{modifiers}}], "thumbnail_uri": "PENDING", "raw_discord_data": {"width": {{width}}, "height": {{height}}, "content": "Dreamt in `43.21s` for <@1>'s `!dream \"{{prompt}}\" -n 9 -i -S {{seed}}` The seeds for each individual image are: [{{seed}}, 1408724095, 3797110015, 4148068351, 3619152383, 3697100799, 500116927, 1096365951, 118551863]", "image_uri": "{{name}}", "content_type": "image/png", "image_proxy_uri": "{{name}}"} }"""
            : $$"""{"image_uri": "PENDING", "modifiers": [{{modifiers}}], "thumbnail_uri": "PENDING", "raw_discord_data": {"seed": {{seed}}, "width": {{width}}, "height": {{height}}, "content": "", "is_grid": 0, "num_step": {{steps}}, "cfg_scale": {{cfg}}.0, "image_uri": "{{name}}", "timestamp": 1660191527, "content_type": "image/png", "image_proxy_uri": "", "num_generations": 9} }""";
    }

    private static int Measure(string program, string file)
    {
        const double Giga = 1 << 30;
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(new ProcessStartInfo(Path.GetFullPath(program),
            ["data", "prompts", file, "--width", "512", "--height", "512", "--steps", "50", "--cfg", "7", "--unique", "prompt,seed", "--parquet", $"{file}.parquet"]))!;
        var peak = 0L;
        while (!process.WaitForExit(50))
        {
            process.Refresh();
            peak = Math.Max(peak, process.PeakWorkingSet64);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{new FileInfo(file).Length / Giga:F2} GiB in {watch.Elapsed.TotalSeconds:F1} s; resident at most {peak / Giga:F2} GiB"));
        return process.ExitCode;
    }
}
