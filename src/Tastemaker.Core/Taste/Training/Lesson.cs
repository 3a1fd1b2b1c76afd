namespace Tastemaker.Core.Taste.Training;

/// <summary>
/// A training set cut in two: what is learned from, and what tells when to stop. Whole images are held out: a choice is learned from when
/// neither of its images is held out, and tells when at least one is. Cutting between choices instead would leak, as an image's other
/// choices tell how it does in the one left out; asking for two held-out images would throw away a quarter of all choices.
/// </summary>
internal sealed record Lesson(
    IReadOnlyList<(int Better, int Worse)> Choices, IReadOnlyList<(int Better, int Worse)> HeldOutChoices,
    IReadOnlyList<(int Image, double Value)> Ratings, IReadOnlyList<(int Image, double Value)> HeldOutRatings)
{
    /// <summary>More pairs than these add nothing that ratings know.</summary>
    private const int MostRatingPairs = 20_000;

    /// <exception cref="TrainingException">There is nothing to tell images apart by.</exception>
    public static Lesson Of(TrainingSet set, TrainingOptions options, Random random)
    {
        Check(set);
        (int Better, int Worse)[] choices = options.Loss == HeadLoss.Margin ? [.. set.Choices, .. Pairs(set.Ratings, random)] : [];
        var ratings = options.Loss == HeadLoss.Mse ? set.Ratings : [];
        Demand(choices, ratings, options.Loss);

        int[] images = [.. choices.SelectMany(c => new[] { c.Better, c.Worse }).Concat(ratings.Select(r => r.Image)).Distinct().Order()];
        random.Shuffle(images);
        var heldOut = images[..(int)Math.Round(options.HeldOut * images.Length)].ToHashSet();
        bool IsOut((int Better, int Worse) choice) => heldOut.Contains(choice.Better) || heldOut.Contains(choice.Worse);
        var lesson = new Lesson(
            [.. choices.Where(c => !IsOut(c))], [.. choices.Where(IsOut)],
            [.. ratings.Where(r => !heldOut.Contains(r.Image))], [.. ratings.Where(r => heldOut.Contains(r.Image))]);

        // Of a handful of judgements nothing can be spared.
        return lesson.Choices.Count + lesson.Ratings.Count > 0 && lesson.Ratings.DistinctBy(r => r.Value).Count() != 1 ? lesson : new(choices, [], ratings, []);
    }

    private static void Check(TrainingSet set)
    {
        if (set.Features.Count < 2)
        {
            throw new TrainingException($"{set.Features.Count} judged images cannot be told apart; at least 2 are wanted. Judge more with 'taste serve'.");
        }

        var width = set.Features[0].Length;
        if (width == 0 || set.Features.Any(row => row.Length != width || !row.All(float.IsFinite)))
        {
            throw new TrainingException($"the features are not rows of {width} finite numbers each. 'taste doctor' looks at every stored vector.");
        }
    }

    private static void Demand((int Better, int Worse)[] choices, IReadOnlyList<(int Image, double Value)> ratings, HeadLoss loss)
    {
        if (loss == HeadLoss.Margin && choices.Length == 0)
        {
            throw new TrainingException("no image was preferred to another, by a choice or by two different ratings; "
                + "a head learns from such pairs. Judge more with 'taste serve'.");
        }

        if (loss == HeadLoss.Mse && ratings.DistinctBy(r => r.Value).Count() < 2)
        {
            throw new TrainingException(ratings.Count == 0
                ? "there are no ratings, and --loss mse learns from ratings alone. Train with --loss margin, or rate images with 'taste serve'."
                : $"all {ratings.Count} ratings are {ratings[0].Value}, so there is nothing to learn. Rate images differently, or train with --loss margin.");
        }
    }

    /// <summary>Every two images with different ratings, or as many of them drawn at random as are useful.</summary>
    private static IEnumerable<(int Better, int Worse)> Pairs(IReadOnlyList<(int Image, double Value)> ratings, Random random)
    {
        var count = (long)ratings.Count * (ratings.Count - 1) / 2;
        var all = count <= MostRatingPairs
            ? Enumerable.Range(0, ratings.Count).SelectMany(i => Enumerable.Range(0, i).Select(j => (i, j)))
            : Enumerable.Range(0, MostRatingPairs).Select(_ => (i: random.Next(ratings.Count), j: random.Next(ratings.Count)));
        return all.Select(p => (A: ratings[p.i], B: ratings[p.j]))
            .Where(p => p.A.Value != p.B.Value && p.A.Image != p.B.Image)
            .Select(p => p.A.Value > p.B.Value ? (p.A.Image, p.B.Image) : (p.B.Image, p.A.Image));
    }
}
