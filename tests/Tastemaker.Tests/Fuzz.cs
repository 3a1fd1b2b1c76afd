using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace Tastemaker.Tests;

/// <summary>
/// Spoils the files of a folder of <c>Goldens</c>. <c>TASTE_FUZZ_SECONDS</c> lets it go on for as long, with a seed of its own; a file that
/// breaks something is put among the others, where the test of whole files finds it from then on.
/// </summary>
internal static class Fuzz
{
    private const int FewMutations = 1500;

    public static int Seconds { get; } = int.Parse(Environment.GetEnvironmentVariable("TASTE_FUZZ_SECONDS") ?? "0", CultureInfo.InvariantCulture);

    /// <summary>The files' names.</summary>
    public static TheoryData<string> Corpus(string folder) => [.. Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    /// <param name="check">Given a spoilt file, and the name of the one that it was.</param>
    public static void Run(string folder, byte[][] fragments, Action<string, byte[]> check)
    {
        var files = Corpus(folder).Select(row => (Name: row.Data, Bytes: File.ReadAllBytes(Path.Combine(folder, row.Data)))).ToArray();
        var (seed, clock) = (Seconds == 0 ? 1 : Environment.ProcessId, Stopwatch.StartNew());
        var random = new Random(seed);
        var count = 0;
        for (; count < FewMutations || clock.Elapsed.TotalSeconds < Seconds; count++)
        {
            var file = files[random.Next(files.Length)];
            var spoilt = Mutate(random, file.Bytes, files[random.Next(files.Length)].Bytes, fragments);
            try
            {
                check(file.Name, spoilt);
            }
            catch (Exception e)
            {
                var found = Path.Combine(folder, $"found-{Convert.ToHexStringLower(SHA256.HashData(spoilt))[..12]}{Path.GetExtension(file.Name)}");
                File.WriteAllBytes(found, spoilt);
                Assert.Fail($"Mutation {count} of seed {seed}, kept as '{found}': {e}");
            }
        }

        TestContext.Current.SendDiagnosticMessage($"{count} spoilt files of seed {seed}.");
    }

    /// <summary>Spoils a file in a few places: bytes, lengths, fragments that mean something, parts cut out, doubled, or of another file.</summary>
    private static byte[] Mutate(Random random, byte[] file, byte[] other, byte[][] fragments)
    {
        var spoilt = file.ToList();
        for (var times = random.Next(1, 5); times > 0 && spoilt.Count > 0; times--)
        {
            var at = random.Next(random.Next(3) == 0 ? Math.Min(spoilt.Count, 64) : spoilt.Count);
            var length = Math.Min(random.Next(1, 40), spoilt.Count - at);
            switch (random.Next(7))
            {
                case 0:
                    spoilt[at] = (byte)random.Next(256);
                    break;
                case 1:
                    spoilt[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    spoilt.RemoveRange(at, length);
                    break;
                case 3:
                    spoilt.InsertRange(at, spoilt.GetRange(at, length));
                    break;
                case 4:
                    var from = random.Next(other.Length);
                    spoilt.InsertRange(at, other[from..Math.Min(from + random.Next(1, 400), other.Length)]);
                    break;
                case 5:
                    spoilt.InsertRange(at, fragments[random.Next(fragments.Length)]);
                    break;
                default:
                    var fragment = fragments[random.Next(fragments.Length)];
                    spoilt.RemoveRange(at, Math.Min(fragment.Length, spoilt.Count - at));
                    spoilt.InsertRange(at, fragment);
                    break;
            }
        }

        return [.. spoilt];
    }
}
