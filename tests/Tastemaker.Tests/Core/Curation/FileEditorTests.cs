using System.Text;
using Tastemaker.Core.Curation;
using Tastemaker.Core.Imaging.Metadata;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;

namespace Tastemaker.Tests.Core.Curation;

public sealed class FileEditorTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly StudioDatabase _database;
    private readonly FileEditor _editor;
    private readonly Curator _curator;

    public FileEditorTests()
    {
        _database = StudioDatabase.Open(new StudioFolder(_folder["studio"]), TimeProvider.System);
        (_editor, _curator) = (new(_database), new(_database));
    }

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void What_is_outside_the_edits_stays_and_undo_restores_every_byte_and_the_time()
    {
        var paths = Enumerable.Range(0, 150).Select(i => _folder.File($"in/{i:000}.txt", $"<{i}> one two three")).ToList();
        var time = new DateTime(2020, 2, 3, 4, 5, 6, DateTimeKind.Utc);
        paths.ForEach(path => File.SetLastWriteTimeUtc(path, time));
        var before = paths.Select(File.ReadAllText).ToList();

        var result = _editor.Edit([.. paths.Select(path => new PlannedEdit(path, Swap(("one", "1"), ("three", "drei, vier"))))], cancel: Cancel);

        Assert.Equal(paths, result.Changed);
        Assert.Empty(result.Failures);
        Assert.Equal(before.Select(text => text.Replace("one", "1").Replace("three", "drei, vier")), paths.Select(File.ReadAllText));

        Assert.Equal(paths.AsEnumerable().Reverse(), _curator.UndoLast(cancel: Cancel).Restored);
        Assert.Equal(before, paths.Select(File.ReadAllText));
        Assert.All(paths, path => Assert.Equal(time, File.GetLastWriteTimeUtc(path)));
        Assert.Empty(_curator.UndoLast(cancel: Cancel).Restored);
        Assert.Equal(150, Directory.GetFiles(_folder["in"]).Length);
    }

    [Fact]
    public void A_file_that_is_made_is_removed_by_undo()
    {
        var path = Path.Combine(_folder["in"], "new.txt");
        Directory.CreateDirectory(_folder["in"]);

        Assert.Equal([path], _editor.Edit([new(path, Put("made"))], cancel: Cancel).Changed);
        Assert.Equal("made", File.ReadAllText(path));
        Assert.Equal([path], _editor.Edit([new(path, Put("made"))], cancel: Cancel).Unchanged);

        Assert.Equal([path], _curator.UndoLast(cancel: Cancel).Restored);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void What_others_changed_since_is_named_and_kept()
    {
        var (kept, gone, restored) = (_folder.File("in/kept.txt", "one"), _folder.File("in/gone.txt", "one"), _folder.File("in/restored.txt", "one"));
        _editor.Edit([.. new[] { kept, gone, restored }.Select(path => new PlannedEdit(path, Swap(("one", "two"))))], cancel: Cancel);
        File.WriteAllText(kept, "two, and more");
        File.Delete(gone);

        var undone = _curator.UndoLast(cancel: Cancel);

        Assert.Equal([restored], undone.Restored);
        Assert.Equal([gone, kept], undone.Failures.Select(f => f.Path).Order());
        Assert.Equal(("two, and more", "one"), (File.ReadAllText(kept), File.ReadAllText(restored)));
    }

    [Fact]
    public void Batches_of_edits_and_of_placed_files_are_undone_one_after_the_other()
    {
        var path = _folder.File("in/a.txt", "one");
        _editor.Edit([new(path, Swap(("one", "two")))], cancel: Cancel);
        _curator.Place(PlaceKind.Move, [new(path, _folder["out"], "a.txt")], cancel: Cancel);

        Assert.Single(_curator.UndoLast(cancel: Cancel).Placed);
        Assert.Equal("two", File.ReadAllText(path));
        Assert.Single(_curator.UndoLast(cancel: Cancel).Restored);
        Assert.Equal("one", File.ReadAllText(path));
    }

    [Fact]
    public void A_bad_file_stops_no_other()
    {
        var good = _folder.File("in/good.txt", "one");
        var missing = Path.Combine(_folder["in"], "no folder", "x.txt");

        var result = _editor.Edit([new(missing, Put("x")), new(good, Swap(("one", "two"))), new(good, _ => throw new CurationException("no"))], cancel: Cancel);

        Assert.Equal([good], result.Changed);
        Assert.Equal([good, missing], result.Failures.Select(f => f.Path));
        Assert.Equal("two", File.ReadAllText(good));
    }

    [Fact]
    public void A_link_stays_and_what_it_points_to_is_edited()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "making links needs rights on Windows");
        var target = _folder.File("in/target.txt", "one");
        var link = _folder["link.txt"];
        File.CreateSymbolicLink(link, target);

        _editor.Edit([new(link, Swap(("one", "two")))], cancel: Cancel);

        Assert.Equal(("two", target), (File.ReadAllText(target), new FileInfo(link).LinkTarget));
    }

    [Fact]
    public void An_edit_that_was_written_down_and_never_made_is_undone_without_harm()
    {
        var path = _folder.File("in/a.txt", "one");
        var journal = new EditJournal(_database);
        var planned = journal.Plan(journal.NewBatch(), [FileEdit.Draft(path, Swap(("one", "two")), Cancel)!]);
        File.WriteAllText(planned[0].Aside, "t"); // killed while it was written

        Assert.Equal([path], _curator.UndoLast(cancel: Cancel).Restored);
        Assert.Equal("one", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder["in"]));
    }

    [Fact]
    public void A_file_that_changed_since_the_plan_is_left_as_it_is()
    {
        var path = _folder.File("in/a.txt", "one");
        var draft = FileEdit.Draft(path, Swap(("one", "two")), Cancel)!;
        File.WriteAllText(path, "one more");

        Assert.Contains("changed meanwhile", Assert.Throws<IOException>(() => draft.Make(path + ".part", Cancel)).Message);
        Assert.Equal("one more", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder["in"]));
    }

    private static Func<Stream, IReadOnlyList<Splice>> Put(string text) => file =>
        file.Length == 0 ? [new(0, default, Encoding.UTF8.GetBytes(text))] : [];

    private static Func<Stream, IReadOnlyList<Splice>> Swap(params (string Old, string New)[] words) => file =>
    {
        using var reader = new StreamReader(file, Encoding.UTF8, leaveOpen: true);
        var text = reader.ReadToEnd();
        return [.. words.Select(w => new Splice(text.IndexOf(w.Old, StringComparison.Ordinal), Encoding.UTF8.GetBytes(w.Old), Encoding.UTF8.GetBytes(w.New)))];
    };
}
