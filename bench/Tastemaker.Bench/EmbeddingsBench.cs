using System.Diagnostics;
using System.Globalization;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Bench;

/// <summary>
/// Are stored embeddings scored about as fast as they can be read? Writes parts of clip-retrieval's folder, 768 float16 a row, reads them once
/// into the system's cache, then times plain reading, from part to part as <c>dd</c> does and on every core, and <c>taste data score</c>:
/// <c>dotnet run build.cs -- bench embeddings PROGRAM FOLDER HEAD [ROWS]</c>. Scoring is to run at 60 % of the rate of reading or more.
/// </summary>
internal static class EmbeddingsBench
{
    private const int Width = 768, PartRows = 250_000, UsualRows = 1_000_000, BlockBytes = 1 << 22;
    private const double Giga = 1e9;

    public static int Run(string[] args)
    {
        if (args.Length is < 3 or > 4)
        {
            Console.Error.WriteLine("usage: embeddings PROGRAM FOLDER HEAD [ROWS]; HEAD is one of the studio's that takes 768 numbers.");
            return 2;
        }

        var (program, folder, rows) = (Path.GetFullPath(args[0]), Path.GetFullPath(args[1]), args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : UsualRows);
        var parts = Write(folder, rows);
        var bytes = parts.Sum(part => new FileInfo(part).Length);
        _ = Read(parts, atOnce: 1);
        for (var trial = 0; trial < 3; trial++)
        {
            var (one, every) = (Read(parts, atOnce: 1), Read(parts, Environment.ProcessorCount));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"reading alone: {bytes / Giga / one.TotalSeconds:F2} GB/s; on every core: {bytes / Giga / every.TotalSeconds:F2} GB/s"));
            var scores = Path.Combine(folder, "scores");
            if (Directory.Exists(scores))
            {
                Directory.Delete(scores, recursive: true);
            }

            using var process = Process.Start(program, ["data", "score", folder, "--model", args[2]]);
            process.WaitForExit();
        }

        return 0;
    }

    private static List<string> Write(string folder, int rows)
    {
        var parts = Enumerable.Range(0, (rows + PartRows - 1) / PartRows).Select(i => Path.Combine(folder, "img_emb", $"img_emb_{i}.npy")).ToList();
        Directory.CreateDirectory(Path.Combine(folder, "img_emb"));
        foreach (var (index, part) in parts.Index().Where(part => !File.Exists(part.Item)))
        {
            var random = new Random(index);
            using var file = File.Create(part);
            file.Write(Npy.HalfHeader(Math.Min(PartRows, rows - (index * PartRows)), Width));
            var row = new byte[Width * sizeof(ushort)];
            for (var i = 0; i < Math.Min(PartRows, rows - (index * PartRows)); i++)
            {
                for (var d = 0; d < Width; d++)
                {
                    BitConverter.TryWriteBytes(row.AsSpan(d * sizeof(ushort)), (Half)((random.NextSingle() - 0.5f) / 8));
                }

                file.Write(row);
            }
        }

        return parts;
    }

    private static TimeSpan Read(List<string> parts, int atOnce)
    {
        var watch = Stopwatch.StartNew();
        Parallel.ForEach(parts, new() { MaxDegreeOfParallelism = atOnce }, part =>
        {
            using var file = new FileStream(part, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            var block = new byte[BlockBytes];
            while (file.Read(block) > 0)
            {
            }
        });
        return watch.Elapsed;
    }
}
