using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;

namespace Tastemaker.Tests.Core.Library;

public sealed class FolderScanTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Folders_give_their_images_at_any_depth_in_ordinal_order_without_what_is_hidden()
    {
        foreach (var name in new[] { "b.png", "a.JPG", "B.webp", "deep/er/x.avif", "notes.txt", "noextension", ".hidden.png", "._b.png", ".thumbs/t.png" })
        {
            _folder.File(name);
        }

        Check([_folder.Path], ["B.webp", "a.JPG", "b.png", "deep/er/x.avif"]);
    }

    [Fact]
    public void Named_files_always_count_and_each_file_once()
    {
        var notes = _folder.File("notes.dat");
        var hidden = _folder.File(".hidden.png");
        _folder.File("sub/a.png");

        Check([notes, hidden, _folder["sub"], _folder.Path, notes, _folder["sub/../notes.dat"]], [".hidden.png", "notes.dat", "sub/a.png"]);
    }

    [Theory]
    [InlineData("*.png", "a.png x1.png")]
    [InlineData("*", "a.png deep/er/x3.png deep/x2.jpg x1.png")]
    [InlineData("?1.*", "x1.png")]
    [InlineData("**/x*", "deep/er/x3.png deep/x2.jpg x1.png")]
    [InlineData("**/**/er/*", "deep/er/x3.png")]
    [InlineData("d*/x*.jpg", "deep/x2.jpg")]
    [InlineData("de*", "deep/er/x3.png deep/x2.jpg")]
    [InlineData("deep/**", "deep/er/x3.png deep/x2.jpg")]
    public void Patterns_match_names_and_two_stars_any_depth(string pattern, string expected)
    {
        foreach (var name in new[] { "a.png", "x1.png", "x1.txt", "deep/x2.jpg", "deep/er/x3.png", ".hidden/x4.png" })
        {
            _folder.File(name);
        }

        Check([_folder[pattern]], expected.Split(' '));
    }

    [Fact]
    public void A_file_whose_name_looks_like_a_pattern_is_itself()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such names.");
        _folder.File("a.png");
        _folder.File("*.png");

        Check([_folder["*.png"]], ["*.png"]);
    }

    [Fact]
    public void A_dash_stands_for_a_list_of_files_and_folders()
    {
        _folder.File("a.png");
        _folder.File("sub/b.png");

        var scan = FolderScan.Run(["-"], new StringReader($"{_folder["a.png"]}\n\n{_folder["sub"]}\r\nbad\0name\n"), cancel: TestContext.Current.CancellationToken);

        Assert.Equal(["a.png", "sub/b.png"], Names(scan));
        Assert.Equal("bad?name", Assert.Single(scan.Failures).Path);
    }

    [Fact]
    public void What_is_missing_or_empty_or_matches_nothing_is_named()
    {
        _folder.File("empty.png", "");
        File.CreateSymbolicLink(_folder["broken.png"], "nowhere");

        var scan = Scan(_folder["missing.png"], _folder.Path, _folder["*.gif"]);

        Assert.Empty(scan.Done);
        Assert.Equal(["*.gif", "broken.png", "empty.png", "missing.png"], scan.Failures.Select(f => Path.GetRelativePath(_folder.Path, f.Path)));
        Assert.Contains("'nowhere'", scan.Failures[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Links_are_followed_once_and_a_circle_is_named()
    {
        _folder.File("real/a.png");
        _folder.File("aside/b.png", "four");
        Directory.CreateSymbolicLink(_folder["real/again"], _folder["aside"]);
        Directory.CreateSymbolicLink(_folder["real/circle"], "..");
        Directory.CreateSymbolicLink(_folder["real/self"], "self");
        File.CreateSymbolicLink(_folder["real/c.png"], _folder["aside/b.png"]);

        var scan = Scan(_folder.Path);

        Assert.Equal(["aside/b.png", "real/a.png", "real/c.png"], Names(scan));
        Assert.Equal(4, scan.Done[2].Size);
        var failure = Assert.Single(scan.Failures);
        Assert.Equal(_folder["real/circle"], failure.Path);
    }

    [Fact]
    public void A_folder_that_may_not_be_listed_is_named_and_the_rest_is_found()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "The superuser may list every folder.");
        _folder.File("a.png");
        Unix.SetMode(_folder.Folder("locked"), UnixFileMode.None);

        var scan = Scan(_folder.Path);
        Unix.SetMode(_folder["locked"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        Assert.Equal(["a.png"], Names(scan));
        Assert.Equal(_folder["locked"], Assert.Single(scan.Failures).Path);
    }

    [Fact]
    public void The_studios_own_files_are_never_listed()
    {
        _folder.File("a.png");
        _folder.File("studio/thumbnails/t.png");

        var scan = FolderScan.Run([_folder.Path], TextReader.Null, new StudioFolder(_folder["studio"]), TestContext.Current.CancellationToken);

        Assert.Equal(["a.png"], Names(scan));
    }

    [Fact]
    public void Size_and_time_are_the_files_own()
    {
        var path = _folder.File("a.png", "12345");
        File.SetLastWriteTimeUtc(path, new DateTime(2024, 1, 2, 3, 4, 5, DateTimeKind.Utc).AddTicks(1));

        var listed = Assert.Single(Scan(_folder.Path).Done);

        Assert.Equal(new FoundFile(path, 5, 1_704_164_645_000_000_100), listed);
        Assert.Equal(listed, Assert.Single(Scan(path).Done));
    }

    private void Check(string[] arguments, string[] expected)
    {
        var scan = Scan(arguments);

        Assert.Equal(expected, Names(scan));
        Assert.Empty(scan.Failures);
    }

    private static BatchResult<FoundFile> Scan(params string[] arguments) =>
        FolderScan.Run(arguments, TextReader.Null, cancel: TestContext.Current.CancellationToken);

    private IEnumerable<string> Names(BatchResult<FoundFile> scan) => scan.Done.Select(f => Path.GetRelativePath(_folder.Path, f.Path));
}
