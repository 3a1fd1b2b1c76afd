using System.Globalization;
using System.Text.Json;
using Tastemaker.Core.Judging;

namespace Tastemaker.Tests.Core.Judging;

/// <summary>
/// Elo against numbers of the reference's own formulas, in every <c>golden_math.json</c> that is here. They are doubles from the same
/// operations in the same order, so what may differ is the last bits of <c>pow</c>, <c>tanh</c> and sums: 1e-12 of the value.
/// </summary>
[Trait("Kind", "golden")]
public sealed class EloGoldenTests
{
    private const double Tolerance = 1e-12;

    public static TheoryData<string> Files => GoldenMath.Files("elo_k0.7");

    [Theory]
    [MemberData(nameof(Files))]
    public void A_log_moves_the_scores_as_in_the_reference(string file)
    {
        var golden = Golden(file, "elo_k0.7");
        var numbers = golden.GetProperty("final_scores").EnumerateObject().Select((p, i) => (p.Name, Id: (long)i)).ToDictionary(p => p.Name, p => p.Id);
        var models = golden.GetProperty("model_scores");
        var elo = new Elo();
        var odd = default(OddOneOut);
        foreach (var row in golden.GetProperty("log").EnumerateArray())
        {
            var (winner, loser) = (row.GetProperty("winner").GetString()!, row.GetProperty("loser").GetString()!);
            var lead = elo.Play(numbers[winner], numbers[loser]);

            Close(row.GetProperty("delta_before"), lead);
            Close(row.GetProperty("p"), Elo.Wins(lead));
            Assert.All(row.GetProperty("scores").EnumerateObject(), score => Close(score.Value, elo.Score(numbers[score.Name])));
            var one = default(OddOneOut).With(lead, models.GetProperty(winner).GetDouble() - models.GetProperty(loser).GetDouble());
            Assert.Equal(row.GetProperty("odd_bucket").GetInt32(), Array.IndexOf(Buckets(one), 1));
            odd = odd.With(lead, models.GetProperty(winner).GetDouble() - models.GetProperty(loser).GetDouble());
        }

        Assert.All(golden.GetProperty("comparisons").EnumerateObject(), count => Assert.Equal(count.Value.GetInt32(), elo.Comparisons(numbers[count.Name])));
        Assert.Equal(Integers(golden.GetProperty("odd_all_db_model_human_draw")), Buckets(odd));
        var lines = golden.GetProperty("agreement_lines");
        Assert.Equal(
            (lines.GetProperty("all").GetInt32(), lines.GetProperty("model_choice").GetInt32(), lines.GetProperty("db_choice").GetInt32(), lines.GetProperty("db_model").GetInt32()),
            (odd.AllAgree, odd.ModelWithPerson, odd.EloWithPerson, odd.EloWithModel));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_replay_of_the_log_counts_as_the_reference_does(string file)
    {
        var golden = Golden(file, "elo_k0.7");
        var numbers = golden.GetProperty("final_scores").EnumerateObject().Select((p, i) => (p.Name, Id: (long)i)).ToDictionary(p => p.Name, p => p.Id);
        var models = golden.GetProperty("model_scores");
        var standing = golden.GetProperty("log").EnumerateArray().Select(row =>
        {
            var (winner, loser) = (row.GetProperty("winner").GetString()!, row.GetProperty("loser").GetString()!);
            return Judged.Choice(numbers[winner], numbers[loser], expected: Elo.Wins(models.GetProperty(winner).GetDouble() - models.GetProperty(loser).GetDouble()));
        });

        var replay = EloReplay.Of(standing);

        Assert.Equal(Integers(golden.GetProperty("stats_agree_disagree_nopred")), new[] { replay.Agreed, replay.Contradicted, replay.NotPredicted });
        Assert.Equal(Integers(golden.GetProperty("odd_all_db_model_human_draw")), Buckets(replay.OddOneOut));
        Close(golden.GetProperty("db_choice_pct"), replay.AgreedPercent);
        Assert.All(golden.GetProperty("final_scores").EnumerateObject(), score => Close(score.Value, replay.Elo.Score(numbers[score.Name])));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Quick_choices_count_more_and_compared_images_are_offered_less(string file)
    {
        Assert.All(Golden(file, "speed_k_factor").EnumerateObject(), f => Close(f.Value, Elo.SpeedFactor(double.Parse(f.Name, CultureInfo.InvariantCulture))));
        Assert.All(Golden(file, "low_count_weight").EnumerateObject(), w =>
        {
            var parts = w.Name[3..].Split("_n");
            Close(w.Value, Elo.OfferWeight(double.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture)));
        });
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void New_images_get_their_scores_from_a_model(string file)
    {
        var golden = Golden(file, "prediction_to_db");
        var compared = Doubles(golden.GetProperty("old_pred")).Zip(Doubles(golden.GetProperty("old_db"))).ToList();
        var predictions = Doubles(golden.GetProperty("new_pred"));

        AllClose(Doubles(golden.GetProperty("new_db")), Elo.Scores(compared, predictions));
        AllClose(Doubles(Golden(file, "prediction_to_db_tanh_variant").GetProperty("scaled")), Elo.BoundedScores(compared, predictions));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void The_comparisons_that_are_needed_are_the_reference_s(string file) =>
        Assert.All(Golden(file, "comparisons_needed").EnumerateObject(), needed =>
        {
            var images = int.Parse(needed.Name, CultureInfo.InvariantCulture);
            Assert.Equal(needed.Value.GetProperty("D0.5").GetInt64(), Elo.ComparisonsNeeded(images, 0.5));
            Assert.Equal(needed.Value.GetProperty("Dsqrt").GetInt64(), Elo.ComparisonsNeeded(images, 1 / Math.Sqrt(images)));
        });

    private static JsonElement Golden(string file, string name) => JsonDocument.Parse(File.ReadAllBytes(file)).RootElement.GetProperty(name);

    private static int[] Buckets(OddOneOut odd) => [odd.AllAgree, odd.Elo, odd.Model, odd.Person, odd.Undecided];

    private static int[] Integers(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetInt32())];

    private static double[] Doubles(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetDouble())];

    private static void AllClose(double[] expected, IReadOnlyList<double> actual)
    {
        Assert.Equal(expected.Length, actual.Count);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
    }

    private static void Close(JsonElement expected, double actual) => Assert.Equal(expected.GetDouble(), actual, Tolerance * Math.Max(1, Math.Abs(actual)));
}
