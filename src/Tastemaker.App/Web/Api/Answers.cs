using System.ComponentModel;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Taste;

namespace Tastemaker.App.Web.Api;

internal sealed record TasteAnswer(string Taste, long Judgements, string CreatedAt);

/// <param name="Id">The image's content id: 64 hexadecimal digits.</param>
/// <param name="Url">Of the original.</param>
/// <param name="Thumbnail">A WebP picture that fits a square of 1024 pixels.</param>
/// <param name="Path">Of its file on the server's machine.</param>
internal sealed record ShownImage(string Id, string Url, string Thumbnail, string Path, int Width, int Height);

/// <param name="Pair">What the choice has to name.</param>
/// <param name="Images">All of them, left to right.</param>
internal sealed record PairAnswer(string Pair, ShownImage Left, ShownImage Right, IReadOnlyList<ShownImage> Images);

/// <param name="Pair">As it was offered.</param>
/// <param name="Milliseconds">From showing to choosing.</param>
/// <param name="Rater">Who chose; 'me' where nobody says.</param>
internal sealed record ChoiceRequest(
    string Pair,
    [property: Description("'left', 'right', 'draw', 'skip', or the place of the image that won, from 1 on.")] Winner Winner,
    int? Milliseconds = null,
    string? Rater = null);

/// <param name="Image">Its content id.</param>
/// <param name="Value">Any finite number on the scale.</param>
/// <param name="Scale">Such as '1-5', '1-10' or 'z'.</param>
/// <param name="Rater">Who rated; 'me' where nobody says.</param>
/// <param name="Milliseconds">From showing to rating.</param>
internal sealed record RatingRequest(string Image, double Value, string Scale, string? Rater = null, int? Milliseconds = null);

/// <param name="Image">A content id; or <paramref name="Images"/>.</param>
/// <param name="Images">Content ids, picked as one act.</param>
/// <param name="Verdict">'keep' or 'reject'.</param>
/// <param name="Rater">Who picked; 'me' where nobody says.</param>
internal sealed record PickRequest(string Verdict, string? Image = null, IReadOnlyList<string>? Images = null, string? Rater = null);

/// <summary>Where a taste stands.</summary>
/// <param name="Choices">That stand, draws among them; a choice among n images counts as n − 1.</param>
/// <param name="Agreement">Of the model with choices that were kept out of its training, 0 to 1; null until there are some.</param>
/// <param name="AgreementInterval">95 %.</param>
/// <param name="Ceiling">How often the person repeats a choice, 0 to 1; null until a pair was shown again.</param>
/// <param name="CeilingInterval">95 %.</param>
/// <param name="Expected">The probability that the model gave to what was chosen, before it was; null for all but choices.</param>
internal sealed record StandingAnswer(
    long Choices, double? Agreement, IntervalAnswer? AgreementInterval, double? Ceiling, IntervalAnswer? CeilingInterval, double? Expected)
{
    public static StandingAnswer Of(Standing standing) => new(
        standing.Choices, Rate(standing.Agreement), IntervalAnswer.Of(standing.Agreement), Rate(standing.Ceiling), IntervalAnswer.Of(standing.Ceiling), standing.Expected);

    private static double? Rate(Agreement agreement) => agreement.Of == 0 ? null : agreement.Rate;
}

/// <param name="Choices">That the figure rests on.</param>
internal sealed record IntervalAnswer(double Low, double High, int Choices)
{
    public static IntervalAnswer? Of(Agreement agreement) => agreement.Of == 0 ? null : new(agreement.Low, agreement.High, agreement.Of);
}

/// <param name="Undone">Judgements that were taken back; a choice among n images is n − 1.</param>
/// <param name="Again">The same images, to choose among anew; null where it was no choice, or a file is gone.</param>
internal sealed record UndoAnswer(
    int Undone, long Choices, double? Agreement, IntervalAnswer? AgreementInterval, double? Ceiling, IntervalAnswer? CeilingInterval, PairAnswer? Again);

/// <param name="Image">Its content id.</param>
/// <param name="Mean">Expected utility; a lead of 1 wins 73 % of choices.</param>
/// <param name="Deviation">Of what the model believes.</param>
/// <param name="Percentile">Share of the studio that ranks lower, 0 to 100.</param>
/// <param name="Choices">That the image was in.</param>
internal sealed record RankedAnswer(string Image, string Path, string Url, double Mean, double Deviation, double Percentile, int Choices);

/// <param name="Images">Of the studio that the taste ranks.</param>
/// <param name="Judged">Images that were judged in any way.</param>
internal sealed record StatsAnswer(
    string Taste, int Images, int Judged, long Choices, long Draws, long Skips, long Ratings, long Keeps, long Rejects,
    double? Agreement, IntervalAnswer? AgreementInterval, double? Ceiling, IntervalAnswer? CeilingInterval, IReadOnlyList<RaterAnswer> Raters);

internal sealed record RaterAnswer(string Rater, long Judgements);

/// <param name="Total">Images that pass, on all pages.</param>
internal sealed record ImagesAnswer(int Total, IReadOnlyList<ListedAnswer> Images);

/// <param name="Image">Its content id.</param>
/// <param name="Thumbnail">A WebP picture that fits a square of 512 pixels.</param>
/// <param name="Mean">Null, as the next three, for an image that is not described yet.</param>
/// <param name="Verdict">'keep' or 'reject', as it was picked last.</param>
/// <param name="Disagreement">Between the taste's percentile and the heads' mean one.</param>
/// <param name="Tags">That it bears in the studio.</param>
internal sealed record ListedAnswer(
    string Image, string Path, string Url, string Thumbnail, int Width, int Height, string Format, string AddedAt,
    double? Mean, double? Deviation, double? Percentile, int? Choices, string? Verdict, double? Disagreement, IReadOnlyList<ScoreAnswer> Scores, IReadOnlyList<string> Tags);

/// <param name="Tag">1 to 100 characters on one line.</param>
/// <param name="Images">Content ids.</param>
/// <param name="Remove">Whether it is taken off instead.</param>
internal sealed record TagRequest(string Tag, IReadOnlyList<string> Images, bool Remove = false);

/// <param name="Changed">Images that bear it now and did not before, or the reverse.</param>
internal sealed record TaggedAnswer(int Changed);

/// <param name="Images">That bear it.</param>
internal sealed record TagAnswer(string Tag, long Images);

/// <param name="Raw">On the head's own scale.</param>
/// <param name="Z">Mean 0 and deviation 1 over the head's calibration set.</param>
/// <param name="Percentile">Share of the studio that scores lower, 0 to 100.</param>
internal sealed record ScoreAnswer(string Model, double Raw, double Z, double Percentile);

/// <param name="Paths">Files and folders on the server's machine; their images enter the studio.</param>
/// <param name="Taste">Whose figures are wanted besides the heads'; 'mine' where nobody says.</param>
internal sealed record ScoreRequest(IReadOnlyList<string> Paths, string? Taste = null);

internal sealed record ScoredAnswer(IReadOnlyList<ScoredImage> Images, IReadOnlyList<FailedAnswer> Failures);

/// <param name="Name">The file's path, or its name as it was uploaded.</param>
/// <param name="Image">Its content id.</param>
/// <param name="Taste">What the person is expected to think of it; null while the studio has nothing to place it among.</param>
internal sealed record ScoredImage(string Name, string Image, IReadOnlyList<ScoreAnswer> Scores, TasteScore? Taste);

internal sealed record TasteScore(double Mean, double Deviation, double Percentile);

internal sealed record FailedAnswer(string Name, string Reason);

/// <param name="Status">'ok'.</param>
/// <param name="Images">In the studio.</param>
/// <param name="Described">Images that can be judged.</param>
/// <param name="Encoder">That describes them.</param>
/// <param name="Intake">What is being done with the named paths; its step is 'idle' when all is in.</param>
internal sealed record HealthAnswer(string Status, string Version, long Images, long Described, string Encoder, IntakeState Intake);
