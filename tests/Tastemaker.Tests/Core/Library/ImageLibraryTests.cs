using System.Buffers.Binary;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;

namespace Tastemaker.Tests.Core.Library;

public sealed class ImageLibraryTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly StudioDatabase _database;
    private readonly ImageLibrary _library;

    public ImageLibraryTests()
    {
        _database = StudioDatabase.Open(new StudioFolder(_folder.Path), TimeProvider.System);
        _library = new(_database);
    }

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    /// <summary>The <paramref name="number"/>th of any number of different images.</summary>
    internal static ReadImage Image(int number)
    {
        var content = new byte[32];
        BinaryPrimitives.WriteInt32BigEndian(content, number);
        return new(new FoundFile($"/pictures/{number:000000}.png", 1000 + number, 1_700_000_000_000_000_000 + number), content, 512, 768, "png");
    }

    [Fact]
    public void Unchanged_files_are_recognised_and_changed_ones_are_not()
    {
        var images = Enumerable.Range(0, 20_005).Select(Image).ToList(); // Three statements' worth.
        var ids = _library.Add(images);
        var files = images.Select(i => i.File).ToList();
        files[3] = files[3] with { Size = 1 };
        files[10_003] = files[10_003] with { ModifiedNs = 1 };
        files[20_004] = files[20_004] with { Path = "/elsewhere \"quoted\" \\ 'é'.png" };

        var known = _library.Recognise(files, TestContext.Current.CancellationToken);

        Assert.Equal([3, 10_003, 20_004], Enumerable.Range(0, files.Count).Where(i => known[i] is null));
        Assert.Equal(ids[10_004], known[10_004]!.Id);
        Assert.Equal(images[10_004].ContentId, known[10_004]!.ContentId);
    }

    [Fact]
    public void Names_with_any_character_are_recognised()
    {
        var images = new[] { "quote\"", "back\\slash", "tab\t", "new\nline", "日本", "😀", "</script>", "\u2028" }
            .Select((name, i) => Image(i) with { File = new($"/x/{name}.png", 1, 1) }).ToList();
        _library.Add(images);

        Assert.All(_library.Recognise([.. images.Select(i => i.File)], TestContext.Current.CancellationToken), Assert.NotNull);
    }

    [Fact]
    public void The_same_content_in_two_files_is_one_image_with_two_paths()
    {
        var first = _library.Add(Image(1));
        var again = _library.Add(Image(1) with { File = new("/copy.png", 5, 6) });

        Assert.Equal(first, again);
        Assert.Equal(["/copy.png", "/pictures/000001.png"], _library.Paths([first])[first]);
        Assert.Equal(new(1, 2, 0, 0), _library.Count());
    }

    [Fact]
    public void A_file_with_other_content_belongs_to_its_new_image()
    {
        var old = _library.Add(Image(1));
        var changed = _library.Add(Image(2) with { File = Image(1).File with { Size = 7 } });

        Assert.Empty(_library.Paths([old])[old]);
        Assert.Equal([Image(1).File.Path], _library.Paths([changed])[changed]);
    }

    [Fact]
    public void A_bad_row_keeps_the_whole_batch_out()
    {
        Assert.Throws<LibraryException>(() => _library.Add([Image(1), Image(2) with { ContentId = new byte[31] }]));

        Assert.Equal(new(0, 0, 0, 0), _library.Count());
    }

    [Fact]
    public void Two_processes_that_add_the_same_images_agree_on_them()
    {
        var ids = new long[4][];
        Parallel.For(0, 4, new() { MaxDegreeOfParallelism = 4 }, worker =>
        {
            using var database = StudioDatabase.Open(new StudioFolder(_folder.Path), TimeProvider.System);
            ids[worker] = [.. Enumerable.Range(0, 10).SelectMany(part => new ImageLibrary(database).Add([.. Enumerable.Range(part * 20, 20).Select(Image)]))];
        });

        Assert.All(ids, own => Assert.Equal(ids[0], own));
        Assert.Equal(200, _library.Count().Images);
    }
}
