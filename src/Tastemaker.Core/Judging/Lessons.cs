using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Taste;
using Tastemaker.Core.Taste.Training;

namespace Tastemaker.Core.Judging;

/// <summary>A taste's judgements as training sees them: over images that have features, the held-out pairs apart.</summary>
/// <param name="Set">What may be learned from. No pair of it, either way round, is a held-out one.</param>
/// <param name="HeldOut">Choices that are kept out of every training, by the images' places in the set.</param>
/// <param name="Ceiling">How often the person, shown a pair again, chose the same.</param>
/// <param name="WithoutFeatures">Judgements on images that the encoder has not encoded.</param>
/// <param name="DataHash">SHA-256, in hex, of the judgements that may be learned from, whether or not the images of all have features.</param>
public sealed record Lessons(TrainingSet Set, IReadOnlyList<(int Better, int Worse)> HeldOut, Agreement Ceiling, int WithoutFeatures, string DataHash)
{
    private const string PickScale = "pick";

    /// <summary>The judgements that <see cref="Set"/> was made of, and draws and skips.</summary>
    internal IReadOnlyList<Judgement> Learned { get; private init; } = [];

    /// <summary>The images by their places in the set.</summary>
    internal IReadOnlyList<long> Images { get; private init; } = [];

    /// <summary>The same judgements as an examination: every choice of them is asked, whatever it was made for.</summary>
    /// <param name="standing">Oldest first.</param>
    public static Lessons Asked(IReadOnlyList<Judgement> standing, VectorStore vectors)
    {
        var taught = Of(standing, vectors);
        return taught with { HeldOut = [.. Choices(standing.Where(j => j.Verdict.Purpose != Purpose.Repeat), taught.Places())] };
    }

    /// <param name="standing">Oldest first.</param>
    public static Lessons Of(IReadOnlyList<Judgement> standing, VectorStore vectors)
    {
        long[] images = [.. standing.SelectMany(j => new[] { j.Verdict.Image, j.Verdict.Other ?? j.Verdict.Image }).Distinct().Order()];
        var features = vectors.Read(images);
        var places = new Dictionary<long, int>();
        foreach (var (image, vector) in images.Zip(features).Where(p => p.Second is not null))
        {
            places[image] = places.Count;
        }

        var held = standing.Where(j => j.Verdict.Purpose == Purpose.HeldOut).Select(j => Pair(j.Verdict)).ToHashSet();
        List<Judgement> lesson = [.. standing.Where(j => j.Verdict.Purpose == Purpose.Train && !held.Contains(Pair(j.Verdict)))];
        List<Judgement> known = [.. standing.Where(j => IsKnown(j.Verdict, places))];
        List<Judgement> learned = [.. lesson.Where(j => IsKnown(j.Verdict, places))];
        var set = new TrainingSet([.. features.OfType<float[]>().Select(Unit)], [.. Choices(learned, places)], [.. Ratings(learned, places)]);
        var heldOut = Choices(known.Where(j => j.Verdict.Purpose == Purpose.HeldOut), places);
        return new(set, [.. heldOut], CeilingOf(known), standing.Count - known.Count, Hash(lesson)) { Learned = learned, Images = [.. places.Keys] };
    }

    /// <summary>Two images, whichever was named first; of a rating or a pick, one image twice.</summary>
    internal static (long, long) Pair(Verdict verdict) => Pair(verdict.Image, verdict.Other ?? verdict.Image);

    internal static (long, long) Pair(long image, long other) => (Math.Min(image, other), Math.Max(image, other));

    private static bool IsKnown(Verdict verdict, Dictionary<long, int> places) => places.ContainsKey(verdict.Image) && places.ContainsKey(verdict.Other ?? verdict.Image);

    private Dictionary<long, int> Places() => Images.Index().ToDictionary(i => i.Item, i => i.Index);

    private static IEnumerable<(int Better, int Worse)> Choices(IEnumerable<Judgement> judgements, Dictionary<long, int> places) =>
        judgements.Where(j => j.Verdict.Kind == JudgementKind.Choice && IsKnown(j.Verdict, places)).Select(j => (places[j.Verdict.Image], places[j.Verdict.Other!.Value]));

    /// <summary>On their own scale where all are on one, by one rater; else each rater's scales are brought to mean 0 and deviation 1.</summary>
    private static IEnumerable<(int Image, double Value)> Ratings(IEnumerable<Judgement> judgements, Dictionary<long, int> places)
    {
        var scales = judgements.Where(j => j.Verdict.Kind is JudgementKind.Rating or JudgementKind.Keep or JudgementKind.Reject)
            .Select(j => (j.Origin.Rater, Scale: j.Verdict.Scale ?? PickScale, Image: places[j.Verdict.Image], Value: j.Verdict.Value ?? (j.Verdict.Kind == JudgementKind.Keep ? 1 : 0)))
            .GroupBy(r => (r.Rater, r.Scale)).ToList();
        foreach (var scale in scales)
        {
            var mean = scales.Count == 1 ? 0 : scale.Average(r => r.Value);
            var deviation = scales.Count == 1 ? 1 : Math.Sqrt(scale.Average(r => (r.Value - mean) * (r.Value - mean)));
            foreach (var rating in scale)
            {
                yield return (rating.Image, deviation > 0 ? (rating.Value - mean) / deviation : 0);
            }
        }
    }

    /// <summary>Each repetition against the choice that the same rater made before it on the same pair.</summary>
    private static Agreement CeilingOf(List<Judgement> judgements)
    {
        var (last, agreed, of) = (new Dictionary<(string, (long, long)), long>(), 0, 0);
        foreach (var j in judgements.Where(j => j.Verdict.Kind == JudgementKind.Choice))
        {
            var pair = (j.Origin.Rater, Pair(j.Verdict));
            if (j.Verdict.Purpose == Purpose.Repeat && last.TryGetValue(pair, out var winner))
            {
                of++;
                agreed += winner == j.Verdict.Image ? 1 : 0;
            }

            last[pair] = j.Verdict.Image;
        }

        return new(agreed, of);
    }

    private static float[] Unit(float[] vector)
    {
        var length = Math.Sqrt(vector.Sum(x => (double)x * x));
        return length == 0 ? vector : [.. vector.Select(x => (float)(x / length))];
    }

    private static string Hash(IEnumerable<Judgement> judgements)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (_, _, verdict, origin, _) in judgements)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
                $"{verdict.Kind} {verdict.Image} {verdict.Other} {verdict.Value:R} {verdict.Scale} {origin.Rater}\n")));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
