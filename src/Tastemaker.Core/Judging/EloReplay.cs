using System.Globalization;

namespace Tastemaker.Core.Judging;

/// <summary>
/// The choices of a log played through <see cref="Elo"/> from the first on. Draws and skips are passed over: the reference has neither.
/// A rating on the scale <see cref="Scale"/> places its image, as the reference's own files do.
/// </summary>
public sealed class EloReplay
{
    /// <summary>The scale of scores that Elo gave.</summary>
    public const string Scale = "elo";

    private EloReplay(Elo elo) => Elo = elo;

    public Elo Elo { get; }

    /// <summary>Pairs that were played.</summary>
    public int Comparisons { get; private set; }

    /// <summary>Choices of the image that led.</summary>
    public int Agreed { get; private set; }

    /// <summary>Choices of the image that was behind.</summary>
    public int Contradicted { get; private set; }

    /// <summary>Choices between equals.</summary>
    public int NotPredicted { get; private set; }

    /// <summary>Over the choices of which a model said beforehand what it expected.</summary>
    public OddOneOut OddOneOut { get; private set; }

    /// <summary>Spent on choices whose time is known.</summary>
    public TimeSpan Time { get; private set; }

    /// <summary>Share of <see cref="Agreed"/> among the choices that were predicted, in percent; 0 where none was.</summary>
    public double AgreedPercent => Agreed + Contradicted == 0 ? 0 : 100.0 * Agreed / (Agreed + Contradicted);

    /// <param name="standing">Oldest first; images of one act in the order in which they were shown.</param>
    /// <param name="weightBySpeed">Whether quick choices count more, where their time is known.</param>
    public static EloReplay Of(IEnumerable<Judgement> standing, double k = Elo.DefaultK, bool weightBySpeed = false)
    {
        var replay = new EloReplay(new(k));
        foreach (var judgement in standing)
        {
            replay.Take(judgement, weightBySpeed);
        }

        return replay;
    }

    /// <summary>The reference's report, in its own words and columns (<c>report()</c> in <c>src/ap/database.py</c>).</summary>
    /// <param name="images">Of the studio, compared or not.</param>
    public IReadOnlyList<string> Report(long images)
    {
        var scored = Elo.Images.Count(image => Elo.Score(image) != 0);
        var all = Math.Max(images, Elo.Images.Count);
        var percent = Percent(AgreedPercent);
        var perImage = Percent(all == 0 ? 0 : 2.0 * Comparisons / all);
        List<string> lines =
        [
            $"{Comparisons,4} comparisons in {HalfToEven(Time.TotalSeconds, 1),6} s",
            $"{all - scored}/{all} of the images are rated zero",
        ];
        if (Agreed + Contradicted > 0)
        {
            lines.Add($"{Agreed,3} choices matched db, {Contradicted,3} contradicted db [{NotPredicted,3} not predicted] = ({percent}%) ");
        }

        lines.Add($"A total of {Comparisons,6} comparisons have been made for {all,5} images ({perImage} per image)");
        if (OddOneOut is var (agree, elo, model, person, draw) && agree + elo + model + person + draw > 0)
        {
            lines.Add($"{agree,3} all agree; {elo,3} db odd-one-out; {model,3} model odd-one-out; {person,3} human odd-one-out; {draw,3} model or db draw; {percent}%");
            lines.Add($"all agree {agree} ; model-choice agree {OddOneOut.ModelWithPerson} ; db-choice agree {OddOneOut.EloWithPerson} ; db-model agree {OddOneOut.EloWithModel}");
        }

        lines.Add($"{Elo.Images.Sum(image => (long)Elo.Comparisons(image)),6} tests: {percent}%");
        return lines;
    }

    private void Take(Judgement judgement, bool weightBySpeed)
    {
        var verdict = judgement.Verdict;
        if (verdict is { Kind: JudgementKind.Rating, Scale: Scale, Value: { } score })
        {
            Elo.Place(verdict.Image, score, Elo.Comparisons(verdict.Image));
        }

        if (verdict is not { Kind: JudgementKind.Choice, Other: { } other })
        {
            return;
        }

        var time = judgement.Origin.Milliseconds is { } ms ? TimeSpan.FromMilliseconds(ms) : (TimeSpan?)null;
        var lead = Elo.Play(verdict.Image, other, weightBySpeed && time is { } taken ? Elo.SpeedFactor(taken.TotalSeconds) : 1);
        Comparisons++;
        Time += time ?? TimeSpan.Zero;
        switch (Elo.Wins(lead))
        {
            case > 0.5: Agreed++; break;
            case < 0.5: Contradicted++; break;
            default: NotPredicted++; break;
        }

        if (verdict.Expected is { } expected)
        {
            OddOneOut = OddOneOut.With(lead, expected - 0.5);
        }
    }

    private static string Percent(double value) => $"{HalfToEven(value, 2),5}";

    /// <summary>As Python formats: exact halves, which only multiples of 2^-(decimals + 1) are, go to the even digit.</summary>
    private static string HalfToEven(double value, int decimals)
    {
        var halves = Math.ScaleB(value, decimals + 1);
        var isHalf = halves == Math.Floor(halves) && halves % 2 != 0;
        return (isHalf ? Math.Round(value, decimals, MidpointRounding.ToEven) : value).ToString($"F{decimals}", CultureInfo.InvariantCulture);
    }
}
