using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Tastemaker.Core.Imaging.Metadata;

namespace Tastemaker.Tests.Core.Imaging.Metadata;

/// <summary>What is written is what the programs read that galleries are built on: ExifTool and Exiv2.</summary>
public sealed class ForeignReaderTests : IDisposable
{
    private static readonly MetadataChange Change = new()
    {
        Xmp = new() { Rating = 4, Tags = new(new HashSet<string> { "score_4" }, ["score_8_up", "ein Schloß"]) },
        Exif = new() { Rating = 3, RatingPercent = 50, UserComment = "a comment, 城" },
    };

    private readonly TempFolder _folder = new();

    public static TheoryData<string> Names => [.. MetadataSamples.Editable.Keys];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ExifTool_reads_what_is_written_into_files_and_sidecars()
    {
        foreach (var (name, file) in MetadataSamples.Editable)
        {
            _folder.Write(name, Splices.Edit(file, Change));
        }

        _folder.Write("sidecar.png.xmp", XmpSidecar.Patch(null, Change.Xmp!));

        using var read = JsonDocument.Parse(Run("exiftool", "-j", "-G1", "-n", "-r", "-ext", "*", _folder.Path).Output);
        Assert.Equal(MetadataSamples.Editable.Count + 1, read.RootElement.GetArrayLength());
        foreach (var file in read.RootElement.EnumerateArray())
        {
            var name = Path.GetFileName(file.GetProperty("SourceFile").GetString()!);
            Assert.True(4 == file.GetProperty("XMP-xmp:Rating").GetInt32(), name);
            foreach (var list in new[] { "XMP-dc:Subject", "XMP-lr:HierarchicalSubject", "XMP-digiKam:TagsList" })
            {
                var tags = file.GetProperty(list).EnumerateArray().Select(t => t.GetString()).Where(t => t != "castle");
                Assert.Equal(["score_8_up", "ein Schloß"], tags);
            }

            if (!name.EndsWith(".xmp", StringComparison.Ordinal))
            {
                Assert.Equal((3, 50, "a comment, 城"), (file.GetProperty("IFD0:Rating").GetInt32(), file.GetProperty("IFD0:RatingPercent").GetInt32(), file.GetProperty("ExifIFD:UserComment").GetString()));
            }

            Assert.False(file.TryGetProperty("ExifTool:Error", out var error), $"{name}: {error}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Exiv2_reads_what_is_written(string name)
    {
        var path = _folder.Write(name, Splices.Edit(MetadataSamples.Editable[name], Change));

        var (output, code) = Run("exiv2", "-q", "-PEXnv", path);

        Assert.Equal(0, code);
        var lines = output.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Superset(new HashSet<string> { "Rating 4", "Rating 3", "RatingPercent 50" }, lines.ToHashSet());
        Assert.Contains("score_8_up, ein Schloß", output, StringComparison.Ordinal);
    }

    private static (string Output, int Code) Run(string program, params string[] args)
    {
        var start = new ProcessStartInfo(program, args) { RedirectStandardOutput = true, StandardOutputEncoding = System.Text.Encoding.UTF8 };
        start.Environment["LC_ALL"] = "C.UTF-8";
        Process? process = null;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            Assert.Skip($"{program} is not installed here. On Debian: apt install libimage-exiftool-perl exiv2.");
        }

        using (process)
        {
            var output = process!.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (output, process.ExitCode);
        }
    }
}
