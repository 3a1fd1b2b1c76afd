using Tastemaker.Core.Embedding;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Library;
using Tastemaker.Nets.Heads;
using Tastemaker.Tests.Cli;

namespace Tastemaker.Tests.Core.Judging;

public sealed class ImageWallTests : IDisposable
{
    private const int Count = 6;

    private readonly TestStudio _studio = new();
    private readonly StudioDatabase _database;
    private readonly ImageLibrary _library;
    private readonly VectorStore _vectors;
    private readonly ImageWall _wall;
    private readonly JudgementTally _tally;
    private readonly JudgementLog _log;
    private readonly long[] _ids;

    /// <summary>Images a to f, changed one after the other, of which the head likes the later ones better, and the last has no features.</summary>
    public ImageWallTests()
    {
        _database = StudioDatabase.Open(_studio.Studio, TimeProvider.System);
        (_library, _log) = (new(_database), new(_database));
        _vectors = VectorStore.Open(_database, _studio.Studio, "test", "test", 2);
        _ids = _library.Add([.. Enumerable.Range(0, Count).Select(i => Read(i))]);
        _vectors.Append([.. Enumerable.Range(0, Count - 1).Select(i => new NewVector(_ids[i], new float[] { i, 10 - i }))]);
        _wall = new(_library, new(_database), _vectors, [new("later", new(null, 2), new AffineHead([1, 0], 0))], TimeProvider.System);
        _tally = new(_log, "mine");
    }

    public void Dispose()
    {
        _database.Dispose();
        _studio.Dispose();
    }

    [Theory]
    [InlineData("taste", "badcef")]
    [InlineData("later", "edcbaf")]
    [InlineData("date", "fedcba")]
    [InlineData("name", "abcdef")]
    [InlineData("disagreement", "eabcdf")]
    public void Images_are_sorted_with_those_that_have_no_figure_last(string sort, string expected) =>
        Assert.Equal(expected, Names(new(0, 100) { Sort = sort }));

    [Fact]
    public void A_page_is_a_part_of_what_passes_and_says_how_much_that_is()
    {
        var page = _wall.Page(Ranking(), _tally, new(1, 2) { Sort = "name", IsReversed = true });

        Assert.Equal((Count, "ed"), (page.Total, NamesOf(page)));
    }

    [Fact]
    public void Filters_hold_together()
    {
        Assert.Equal("bdf", Names(new(0, 100) { Sort = "name", Folder = Folder("even"), Text = "" }));
        Assert.Equal("c", Names(new(0, 100) { Sort = "name", Text = "C.PNG" }));
        Assert.Equal("de", Names(new(0, 100) { Sort = "later", IsReversed = true, FromPercentile = 70 }));
        Assert.Equal("", Names(new(0, 100) { Folder = Folder("eve") }));
    }

    [Fact]
    public void The_images_of_an_experiment_are_a_filter()
    {
        _studio.Folder.Write($"odd/{Experiments.Log}", []);

        Assert.Equal("ace", Names(new(0, 100) { Sort = "name", Experiment = "odd" }));
        Assert.Equal("c", Names(new(0, 100) { Sort = "name", Experiment = "odd", Text = "c.png" }));
        Assert.Equal("", Names(new(0, 100) { Experiment = "even" }));
    }

    [Fact]
    public void Verdicts_are_the_last_that_stand()
    {
        Origin origin = new("me", "api");
        _log.Append("mine", [new Verdict(JudgementKind.Keep, _ids[0])], origin);
        _log.Append("mine", [Verdict.Choice(_ids[1], _ids[2])], origin);
        Assert.Equal(("a", "", "def"), Verdicts());

        _log.Append("mine", [new Verdict(JudgementKind.Reject, _ids[0])], origin);
        Assert.Equal(("", "a", "def"), Verdicts());

        _log.Undo("mine", "me", "api");
        Assert.Equal(("a", "", "def"), Verdicts());

        _log.Undo("mine", "me", "api");
        _log.Undo("mine", "me", "api");
        Assert.Equal(("", "", "abcdef"), Verdicts());
        Assert.All(_tally.Kinds().Values, count => Assert.Equal(0, count));

        (string, string, string) Verdicts() => (Of(WallVerdict.Kept), Of(WallVerdict.Rejected), Of(WallVerdict.Unjudged));
        string Of(WallVerdict verdict) => Names(new(0, 100) { Sort = "name", Verdict = verdict });
    }

    [Fact]
    public void Images_that_come_are_on_the_next_page()
    {
        Assert.Equal("abcdef", Names(new(0, 100) { Sort = "name" }));

        _library.Add(Read(Count));

        Assert.Equal("abcdefg", Names(new(0, 100) { Sort = "name" }));
    }

    [Fact]
    public void Sorting_by_what_is_not_there_names_what_is()
    {
        var e = Assert.Throws<JudgingException>(() => Names(new(0, 100) { Sort = "asv9" }));

        Assert.Equal("'asv9' is nothing to sort by; 'taste', 'unsure', 'disagreement', 'date', 'name', 'later' are.", e.Message);
    }

    private ReadImage Read(int i) => new(
        new(Path.Combine(Folder(i % 2 == 0 ? "odd" : "even"), $"{(char)('a' + i)}.png"), 1, i + 1), [.. Enumerable.Repeat((byte)i, 32)], 1, 1, "png");

    private string Folder(string name) => _studio[name];

    /// <summary>b, a, d, c, e from the best on; at percentiles 90, 70, 50, 30, 10.</summary>
    private Ranking Ranking() => new([.. new[] { 1, 0, 3, 2, 4 }.Select(i => _ids[i])], [0, -1, -2, -3, -4], [1, 1, 1, 1, 1], new int[5]);

    private string Names(WallRequest request) => NamesOf(_wall.Page(Ranking(), _tally, request));

    private string NamesOf(WallPage page) => string.Concat(_library.Images([.. page.Items.Select(item => item.Image)]).Select(image => Path.GetFileNameWithoutExtension(image!.Path)));
}
