using System.Runtime.CompilerServices;
using Tastemaker.Tests.Core.Models;

namespace Tastemaker.Tests;

/// <summary>
/// Numbers computed by the reference implementations. Those that the default run needs are in <c>Goldens/</c>;
/// <c>TASTE_GOLDEN</c> names another folder in the same formats, of which every case folder is run, so that a new case needs no code.
/// </summary>
internal static class Goldens
{
    public static readonly string Repository = Path.GetFullPath(Path.Combine(Here(), "../.."));

    public static readonly string Own = Path.Combine(Here(), "Goldens");

    private static readonly string? Shared = Existing(Environment.GetEnvironmentVariable("TASTE_GOLDEN") ?? Path.Combine(Repository, "../shared/golden"));

    /// <summary>Data files published by others (heads, embeddings, vocabulary): never in this repository, so tests skip without them.</summary>
    public static readonly string? Upstream = Existing(Environment.GetEnvironmentVariable("TASTE_UPSTREAM") ?? Path.Combine(Repository, "../shared/upstream"));

    /// <summary>All folders, at any depth under the golden roots, that hold every one of <paramref name="entries"/> (files or folders).</summary>
    public static IEnumerable<string> Folders(params string[] entries) =>
        new[] { Own, Shared }.OfType<string>()
            .SelectMany(root => Directory.EnumerateDirectories(root, "*", SearchOption.AllDirectories).Prepend(root))
            .Where(folder => entries.All(entry => Path.Exists(Path.Combine(folder, entry))))
            .Order(StringComparer.Ordinal);

    /// <summary>The same, as theory rows.</summary>
    public static TheoryData<string> Cases(params string[] entries) => [.. Folders(entries)];

    /// <summary>Where networks have to give the numbers: on the processor, and on every GPU that answers here (<see cref="DevicesTests"/> says which do not).</summary>
    public static readonly IReadOnlyList<string> Devices = [.. DevicesTests.All.Where(device => DevicesTests.Lacks(device) is null)];

    /// <summary>Each row on each of <see cref="Devices"/>.</summary>
    public static TheoryData<string, string> OnDevices(IEnumerable<string> cases) => [.. from row in cases from device in Devices select (row, device)];

    /// <summary>A file published by others, or a loud skip.</summary>
    public static string UpstreamFile(string path)
    {
        var file = Upstream is null ? null : Path.Combine(Upstream, path);
        Assert.SkipUnless(File.Exists(file), $"'{path}' is published by others and not here; TASTE_UPSTREAM can name a folder that has it.");
        return file!;
    }

    private static string? Existing(string folder) => Directory.Exists(folder) ? Path.GetFullPath(folder) : null;

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
