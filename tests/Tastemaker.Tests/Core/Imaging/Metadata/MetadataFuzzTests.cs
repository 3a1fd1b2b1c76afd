using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace Tastemaker.Tests.Core.Imaging.Metadata;

/// <summary>
/// Files of <c>Goldens/metadata</c>, whole and spoilt. <c>TASTE_FUZZ_SECONDS</c> lets the second test run for as long, with seeds of its
/// own; a file that breaks something is put among the others, where the first test finds it from then on.
/// </summary>
public sealed class MetadataFuzzTests
{
    private const int FewMutations = 1500;

    private static readonly string Folder = Path.Combine(Goldens.Own, "metadata");

    public static TheoryData<string> Corpus => [.. Directory.EnumerateFiles(Folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Corpus))]
    public void Every_file_of_the_corpus_is_read_or_named(string name)
    {
        MetadataFuzz.Check(File.ReadAllBytes(Path.Combine(Folder, name)));
    }

    [Fact]
    public void Spoilt_files_are_read_or_named()
    {
        var files = Corpus.Select(row => File.ReadAllBytes(Path.Combine(Folder, row.Data))).ToArray();
        var seconds = int.Parse(Environment.GetEnvironmentVariable("TASTE_FUZZ_SECONDS") ?? "0", CultureInfo.InvariantCulture);
        var (seed, clock) = (seconds == 0 ? 1 : Environment.ProcessId, Stopwatch.StartNew());
        var random = new Random(seed);
        var count = 0;
        for (; count < FewMutations || clock.Elapsed.TotalSeconds < seconds; count++)
        {
            var spoilt = MetadataFuzz.Mutate(random, files[random.Next(files.Length)], files[random.Next(files.Length)]);
            try
            {
                MetadataFuzz.Check(spoilt);
            }
            catch (Exception e)
            {
                var found = Path.Combine(Folder, $"found-{Convert.ToHexStringLower(SHA256.HashData(spoilt))[..12]}.bin");
                File.WriteAllBytes(found, spoilt);
                Assert.Fail($"Mutation {count} of seed {seed}, kept as '{found}': {e}");
            }
        }

        TestContext.Current.SendDiagnosticMessage($"{count} spoilt files of seed {seed}.");
    }
}
