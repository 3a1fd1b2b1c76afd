using Tastemaker.Core.Embedding;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;
using Tastemaker.Tests.Core.Embedding;
using Tastemaker.Tests.Core.Library;

namespace Tastemaker.Tests.Core.Judging;

public sealed class LessonsTests : IDisposable
{
    private const string Taste = "mine";

    private readonly TempFolder _folder = new();
    private readonly StudioDatabase _database;
    private readonly VectorStore _vectors;
    private readonly JudgementLog _log;
    private readonly long[] _images;

    public LessonsTests()
    {
        var studio = new StudioFolder(_folder.Path);
        _database = StudioDatabase.Open(studio, TimeProvider.System);
        _log = new(_database);
        _images = new ImageLibrary(_database).Add([.. Enumerable.Range(0, 6).Select(ImageLibraryTests.Image)]);
        _vectors = VectorStore.Open(_database, studio, "test", "test", VectorStoreTests.Dims);
        _vectors.Append([.. _images[..5].Select(VectorStoreTests.Vector)]);
    }

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_held_out_pair_is_not_learned_from_in_either_order()
    {
        Judge("me", Choice(0, 1), Choice(2, 3), Choice(1, 0) with { Purpose = Purpose.HeldOut }, Choice(0, 1));

        var lessons = Lessons();

        Assert.Equal([(2, 3)], lessons.Set.Choices);
        Assert.Equal([(1, 0)], lessons.HeldOut);
    }

    [Fact]
    public void Draws_and_skips_are_no_choices_and_features_have_length_one()
    {
        Judge("me", Choice(0, 1), Verdict.Draw(_images[1], _images[2]), new(JudgementKind.Skip, _images[0], _images[2]));

        var lessons = Lessons();

        Assert.Equal([(0, 1)], lessons.Set.Choices);
        Assert.All(lessons.Set.Features, f => Assert.Equal(1, f.Sum(x => (double)x * x), 1e-6));
    }

    [Fact]
    public void A_repetition_is_held_against_the_same_raters_choice_before_it()
    {
        Judge("me", Choice(0, 1) with { Purpose = Purpose.HeldOut }, Choice(2, 3) with { Purpose = Purpose.HeldOut });
        Judge("you", Choice(1, 0));
        Judge("me", Choice(0, 1) with { Purpose = Purpose.Repeat }, Choice(3, 2) with { Purpose = Purpose.Repeat });

        Assert.Equal(new(1, 2), Lessons().Ceiling);
    }

    [Fact]
    public void One_scale_is_kept_and_several_are_brought_together()
    {
        Judge("me", Verdict.Rating(_images[0], 2, "1-5"), Verdict.Rating(_images[1], 4, "1-5"));
        Assert.Equal([(0, 2.0), (1, 4.0)], Lessons().Set.Ratings);

        Judge("me", new Verdict(JudgementKind.Keep, _images[2]), new Verdict(JudgementKind.Reject, _images[3]));
        Judge("you", Verdict.Rating(_images[4], 7, "1-10"));
        Assert.Equal([(0, -1.0), (1, 1.0), (2, 1.0), (3, -1.0), (4, 0.0)], Lessons().Set.Ratings);
    }

    [Fact]
    public void Judgements_on_images_without_features_are_counted_and_left_out()
    {
        Judge("me", Choice(0, 1), Choice(0, 5), Verdict.Rating(_images[5], 3, "1-5"));

        var lessons = Lessons();

        Assert.Equal(2, lessons.WithoutFeatures);
        Assert.Equal([(0, 1)], lessons.Set.Choices);
        Assert.Empty(lessons.Set.Ratings);
    }

    [Fact]
    public void The_hash_is_of_what_is_learned_from()
    {
        Judge("me", Choice(0, 1));
        var first = Lessons().DataHash;
        Judge("me", Choice(2, 3) with { Purpose = Purpose.HeldOut });
        Assert.Equal(first, Lessons().DataHash);

        Judge("me", Choice(3, 4));
        Assert.NotEqual(first, Lessons().DataHash);
    }

    private Lessons Lessons() => Tastemaker.Core.Judging.Lessons.Of(_log.Standing(Taste), _vectors);

    private Verdict Choice(int winner, int loser) => Verdict.Choice(_images[winner], _images[loser]);

    private void Judge(string rater, params Verdict[] verdicts) => _log.Append(Taste, [.. verdicts.Select(v => (IReadOnlyList<Verdict>)[v])], new(rater, "test"));
}
