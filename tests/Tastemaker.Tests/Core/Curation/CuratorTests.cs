using Tastemaker.Core.Curation;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;
using Tastemaker.Tests.Core.Library;

namespace Tastemaker.Tests.Core.Curation;

public sealed class CuratorTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly StudioDatabase _database;
    private readonly Curator _curator;

    public CuratorTests()
    {
        _database = StudioDatabase.Open(new StudioFolder(_folder["studio"]), TimeProvider.System);
        _curator = new(_database);
    }

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(PlaceKind.Copy)]
    [InlineData(PlaceKind.Move)]
    [InlineData(PlaceKind.Link)]
    public void Placed_files_are_there_and_undo_brings_back_what_was(PlaceKind kind)
    {
        var sources = Enumerable.Range(0, 150).Select(i => _folder.File($"in/{i:000}.png", $"content {i}")).ToList();
        var before = Listing("in");

        var placed = Place(kind, [.. sources]);

        Assert.Equal(150, placed.Placed.Count);
        Assert.Empty(placed.Failures);
        Assert.Equal(before, Listing("out"));
        Assert.Equal(kind == PlaceKind.Move ? [] : before, Listing("in"));

        var undone = _curator.UndoLast(cancel: Cancel);

        Assert.Equal(150, undone.Placed.Count);
        Assert.Empty(undone.Failures);
        Assert.Equal(before, Listing("in"));
        Assert.Empty(Listing("out"));
        Assert.Empty(_curator.UndoLast(cancel: Cancel).Placed);
    }

    [Theory]
    [InlineData(PlaceKind.Copy)]
    [InlineData(PlaceKind.Link)]
    public void Doing_it_again_does_nothing(PlaceKind kind)
    {
        var source = _folder.File("in/a.png");
        var twin = _folder.File("in/twin/a.png");
        Place(kind, source, twin);

        var again = Place(kind, source, twin);

        Assert.Empty(again.Placed);
        Assert.Equal(2, again.AlreadyThere.Count);
        Assert.Single(Listing("out"));
    }

    [Theory]
    [InlineData(PlaceKind.Copy)]
    [InlineData(PlaceKind.Move)]
    [InlineData(PlaceKind.Link)]
    public void A_taken_name_gets_a_number_and_is_never_overwritten(PlaceKind kind)
    {
        _folder.File("out/a.png", "theirs");
        File.CreateSymbolicLink(_folder["out/a (2).png"], "nowhere");

        var placed = Place(kind, _folder.File("in/a.png", "ours"), _folder.File("in/too/a.png", "ours too"));

        Assert.Equal(["a (3).png", "a (4).png"], placed.Placed.Select(p => Path.GetFileName(p.To)));
        Assert.Equal(["theirs", "ours", "ours too"], new[] { "a", "a (3)", "a (4)" }.Select(n => File.ReadAllText(_folder[$"out/{n}.png"])));
    }

    [Fact]
    public void A_file_already_at_its_place_stays_there()
    {
        var source = _folder.File("out/a.png");

        Assert.Equal(source, Assert.Single(Place(PlaceKind.Move, source).AlreadyThere).To);
        Assert.True(File.Exists(source));
    }

    [Fact]
    public void Copies_keep_the_time_and_the_permissions()
    {
        var source = _folder.File("in/a.png");
        Unix.SetMode(source, UnixFileMode.UserRead);
        File.SetLastWriteTimeUtc(source, new(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc));

        Place(PlaceKind.Copy, source);

        Assert.Equal(UnixFileMode.UserRead, Unix.Mode(_folder["out/a.png"]));
        Assert.Equal(File.GetLastWriteTimeUtc(source), File.GetLastWriteTimeUtc(_folder["out/a.png"]));
    }

    [Fact]
    public void Undo_keeps_what_would_be_lost_and_names_it()
    {
        var sources = new[] { "edited", "orphan", "fine" }.Select(n => _folder.File($"in/{n}.png")).ToArray();
        Place(PlaceKind.Copy, sources);
        File.AppendAllText(_folder["out/edited.png"], "!");
        File.Delete(_folder["in/orphan.png"]);

        var undone = _curator.UndoLast(cancel: Cancel);

        Assert.Equal([_folder["out/edited.png"], _folder["out/orphan.png"]], undone.Failures.Select(f => f.Path).Order(StringComparer.Ordinal));
        Assert.Equal(["edited.png", "orphan.png"], Listing("out").Select(f => f.Name));
        _folder.File("in/orphan.png");
        Assert.Equal(_folder["out/orphan.png"], Assert.Single(_curator.UndoLast(cancel: Cancel).Placed).From);
    }

    [Fact]
    public void A_moved_file_does_not_return_over_another()
    {
        var source = _folder.File("in/a.png", "first");
        Place(PlaceKind.Move, source);
        _folder.File("in/a.png", "second");

        Assert.Contains("is taken", Assert.Single(_curator.UndoLast(cancel: Cancel).Failures).Reason, StringComparison.Ordinal);
        Assert.Equal("first", File.ReadAllText(_folder["out/a.png"]));
        Assert.Equal("second", File.ReadAllText(source));
    }

    [Fact]
    public void Batches_are_undone_from_the_last_one_down()
    {
        var source = _folder.File("in/a.png");
        Place(PlaceKind.Copy, source);
        Place(PlaceKind.Copy, _folder.File("in/b.png", "b"));

        _curator.UndoLast(cancel: Cancel);
        Assert.Equal(["a.png"], Listing("out").Select(f => f.Name));
        _curator.UndoLast(cancel: Cancel);
        Assert.Empty(Listing("out"));
    }

    // A kill leaves a plan, and the disk at any point of it.
    [Theory]
    [InlineData(PlaceKind.Copy, "", "in/a.png")]
    [InlineData(PlaceKind.Copy, "part", "in/a.png")]
    [InlineData(PlaceKind.Copy, "done", "in/a.png")]
    [InlineData(PlaceKind.Move, "", "in/a.png")]
    [InlineData(PlaceKind.Move, "part", "in/a.png")]
    [InlineData(PlaceKind.Move, "copied", "in/a.png")]
    [InlineData(PlaceKind.Move, "done", "in/a.png")]
    [InlineData(PlaceKind.Link, "", "in/a.png")]
    [InlineData(PlaceKind.Link, "done", "in/a.png")]
    public void Undo_works_from_wherever_a_kill_left_the_plan(PlaceKind kind, string reached, string expected)
    {
        var (from, to) = (_folder.File("in/a.png"), _folder["out/a.png"]);
        _folder.Folder("out");
        var operation = Assert.Single(new Journal(_database).Plan(1, kind, [new(from, to, FoundFile.At(from)!)]));
        switch (reached, kind)
        {
            case ("part", _):
                File.WriteAllText(operation.Aside, "con");
                break;
            case ("copied", _) or ("done", PlaceKind.Copy):
                FilePlacing.Copy(from, to, operation.Aside, Cancel);
                break;
            case ("done", PlaceKind.Move):
                FilePlacing.Move(from, to, operation.Aside, Cancel);
                break;
            case ("done", PlaceKind.Link):
                FilePlacing.Link(from, to);
                break;
        }

        var undone = _curator.UndoLast(cancel: Cancel);

        Assert.Empty(undone.Failures);
        Assert.Equal([expected], Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(_folder.Path, f)).Where(f => !f.StartsWith("studio", StringComparison.Ordinal)));
        Assert.Equal("content", File.ReadAllText(from));
    }

    [Fact]
    public void A_batch_that_is_cancelled_has_written_down_what_it_did()
    {
        var sources = Enumerable.Range(0, 100).Select(i => _folder.File($"in/{i}.png", $"{i}")).ToArray();
        using var cancel = new CancellationTokenSource();

        Assert.Throws<OperationCanceledException>(() => _curator.Place(PlaceKind.Copy, Plan(sources), new Cancelling(cancel.Cancel), cancel.Token));

        Assert.Equal(64, Listing("out").Count);
        Assert.Equal(64, _curator.UndoLast(cancel: Cancel).Placed.Count);
        Assert.Empty(Listing("out"));
        Assert.All(sources, s => Assert.True(File.Exists(s)));
    }

    [Fact]
    public void Files_that_cannot_be_placed_are_named_and_the_others_placed()
    {
        File.CreateSymbolicLink(_folder.Folder("in") + "/link.png", "fine.png");

        var placed = Place(PlaceKind.Move, _folder["in/missing.png"], _folder["in/link.png"], _folder.File("in/fine.png"));

        Assert.Equal(["missing.png", "link.png"], placed.Failures.Select(f => Path.GetFileName(f.Path)));
        Assert.Equal("fine.png", Path.GetFileName(Assert.Single(placed.Placed).From));
    }

    [Fact]
    public void A_move_to_another_volume_copies_checks_and_deletes()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "Here is no second volume to move to.");
        var other = Directory.CreateTempSubdirectory("taste-").FullName.Replace(Path.GetTempPath(), "/dev/shm/", StringComparison.Ordinal);
        try
        {
            var source = _folder.File("in/a.png", "content");
            var placed = _curator.Place(PlaceKind.Move, [new(source, other, "a.png")], cancel: Cancel);
            Assert.Empty(placed.Failures);
            Assert.False(File.Exists(source));
            Assert.Equal("content", File.ReadAllText(Path.Combine(other, "a.png")));

            var linked = _curator.Place(PlaceKind.Link, [new(Path.Combine(other, "a.png"), _folder["out"], "a.png")], cancel: Cancel);
            Assert.Equal("content", File.ReadAllText(_folder["out/a.png"]));
            Assert.Equal(FilePlacing.SymbolicNote, Assert.Single(linked.Placed).Note);

            _curator.UndoLast(cancel: Cancel);
            _curator.UndoLast(cancel: Cancel);
            Assert.Empty(Listing("out"));
            Assert.Equal("content", File.ReadAllText(source));
            Assert.Empty(Directory.EnumerateFiles(other));
        }
        finally
        {
            Directory.Delete(other, recursive: true);
        }
    }

    [Theory]
    [InlineData(PlaceKind.Copy, 2)]
    [InlineData(PlaceKind.Move, 1)]
    public void The_library_follows_and_reads_no_file_again(PlaceKind kind, int files)
    {
        var source = _folder.File("in/a.png");
        var library = new ImageLibrary(_database);
        var id = library.Add(ImageLibraryTests.Image(1) with { File = FoundFile.At(source)! });

        Place(kind, source);

        Assert.Equal(id, library.Recognise([FoundFile.At(_folder["out/a.png"])!], Cancel)[0]!.Id);
        Assert.Equal(files, library.Count().Files);
        _curator.UndoLast(cancel: Cancel);
        Assert.Equal([source], library.Paths([id])[id]);
        Assert.Equal(id, library.Recognise([FoundFile.At(source)!], Cancel)[0]!.Id);
    }

    private CurationResult Place(PlaceKind kind, params string[] sources) => _curator.Place(kind, Plan(sources), cancel: Cancel);

    private IReadOnlyList<PlannedFile> Plan(string[] sources) =>
        Placement.Plan([.. sources.Select(s => new ScoredFile(s, "model", 5))], _folder["out"]).Done;

    private List<(string Name, string Content)> Listing(string folder) => !Directory.Exists(_folder[folder]) ? [] :
        Directory.EnumerateFiles(_folder[folder]).Order(StringComparer.Ordinal).Select(f => (Path.GetFileName(f), File.ReadAllText(f))).ToList();

    private sealed class Cancelling(Action cancel) : IProgress<Progress>
    {
        public void Report(Progress value) => cancel();
    }
}
