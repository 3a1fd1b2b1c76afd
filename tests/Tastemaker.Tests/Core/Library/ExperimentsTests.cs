using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;

namespace Tastemaker.Tests.Core.Library;

public sealed class ExperimentsTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly StudioDatabase _database;
    private readonly ImageLibrary _library;
    private int _count;

    public ExperimentsTests()
    {
        _database = StudioDatabase.Open(new StudioFolder(_folder["studio"]), TimeProvider.System);
        _library = new(_database);
    }

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_folder_with_a_log_is_one_and_all_that_lies_in_it_belongs_to_it()
    {
        Log("out/golden glasses");
        Log("old/golden glasses");
        Log("out/cats");
        Log("out/cats/best");
        long[] glasses = [Add("out/golden glasses/0.jpg"), Add("out/golden glasses/deep/er/1.jpg"), Add("old/golden glasses/0.jpg")];
        var cats = Add("out/cats/0.jpg");
        var best = Add("out/cats/best/0.jpg");
        var none = Add("out/0.jpg");

        Assert.Equal(["best", "cats", "golden glasses"], _library.Experiments.Names());
        Assert.Equal(glasses.ToHashSet(), _library.Experiments.Images("golden glasses"));
        Assert.Equal([best], _library.Experiments.Images("best"));
        Assert.Equal([cats, best], _library.Experiments.Images("cats").Order());
        Assert.Empty(_library.Experiments.Images("golden"));
        Assert.Null(Experiments.Of(_folder["out/0.jpg"]));
        Assert.Equal("cats", Experiments.Of(_folder["out/cats/new/7.jpg"]));
        Assert.DoesNotContain(none, _library.Experiments.Names().SelectMany(_library.Experiments.Images));
    }

    [Fact]
    public void An_experiment_is_known_as_soon_as_its_first_image_is()
    {
        Log("later");
        Add("else/0.jpg");
        Assert.Empty(_library.Experiments.Names());

        Add("later/0.jpg");
        Assert.Equal(["later"], _library.Experiments.Names());
    }

    private void Log(string folder) => _folder.Write($"{folder}/{Experiments.Log}", []);

    private long Add(string file) =>
        _library.Add(new ReadImage(new(_folder[file], 1, 1), [.. Enumerable.Repeat((byte)_count++, 32)], 1, 1, "jpeg"));
}
