using System.Diagnostics;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;

namespace Tastemaker.Core.Taste;

/// <summary>What an encoder's lower precision costs on a person's own pictures, in vectors, in scores and in time. The studio stays as it is.</summary>
public static class PrecisionCheck
{
    /// <param name="exact">The encoder as the reference computes it.</param>
    /// <param name="lower">The same encoder in a lower precision.</param>
    /// <param name="heads">All of the encoder's space.</param>
    public static PrecisionReport Run(
        IReadOnlyList<FoundFile> files, IEncoder exact, IEncoder lower, IReadOnlyList<ScoringHead> heads,
        IProgress<Progress>? progress, CancellationToken cancel)
    {
        var (pairs, failures) = (new List<Pair>(), new List<Failure>());
        var (exactTime, lowerTime) = (new Stopwatch(), new Stopwatch());
        foreach (var (index, file) in files.Index())
        {
            cancel.ThrowIfCancellationRequested();
            try
            {
                var picture = ImageDecoder.Decode(file.Path, exact.Orientation, cancel);
                if (pairs.Count == 0)
                {
                    // Networks are loaded for the first picture, which is no part of their speed.
                    exact.Encode(picture, cancel);
                    lower.Encode(picture, cancel);
                }

                var pair = new Pair(file.Path, Timed(exactTime, exact, picture, cancel), Timed(lowerTime, lower, picture, cancel));
                if (pair.IsFinite)
                {
                    pairs.Add(pair);
                }
                else
                {
                    failures.Add(new(file.Path, "has vectors with numbers that are not finite; the weights are damaged, or the precision does not suffice."));
                }
            }
            catch (Exception e) when (e is ImageException or IOException or UnauthorizedAccessException)
            {
                failures.Add(new(file.Path, e.Message));
            }

            progress?.Report(new("comparing", index + 1, files.Count));
        }

        return new(
            [.. pairs.Select(p => new PicturePrecision(p.Path, p.Cosine))], [.. heads.Select(h => Of(h, pairs))], exactTime.Elapsed, lowerTime.Elapsed, failures);
    }

    private static float[] Timed(Stopwatch time, IEncoder encoder, Raster picture, CancellationToken cancel)
    {
        time.Start();
        var vector = encoder.Encode(picture, cancel);
        time.Stop();
        return vector;
    }

    private static HeadPrecision Of(ScoringHead head, List<Pair> pairs)
    {
        double[] exact = [.. pairs.Select(p => (double)head.Score(p.Exact))];
        double[] lower = [.. pairs.Select(p => (double)head.Score(p.Lower))];
        double[] apart = [.. exact.Zip(lower, (e, l) => Math.Abs(e - l))];
        return new(
            head.Name, Correlation.Spearman(exact, lower), Correlation.Pearson(exact, lower), apart.DefaultIfEmpty().Average(), apart.DefaultIfEmpty().Max());
    }

    private sealed record Pair(string Path, float[] Exact, float[] Lower)
    {
        public bool IsFinite => Exact.All(float.IsFinite) && Lower.All(float.IsFinite);

        public double Cosine
        {
            get
            {
                var (dot, exact, lower) = (0.0, 0.0, 0.0);
                for (var i = 0; i < Exact.Length; i++)
                {
                    dot += (double)Exact[i] * Lower[i];
                    exact += (double)Exact[i] * Exact[i];
                    lower += (double)Lower[i] * Lower[i];
                }

                return exact > 0 && lower > 0 ? dot / Math.Sqrt(exact) / Math.Sqrt(lower) : 0;
            }
        }
    }
}

/// <param name="Pictures">In the order of the files; those that could not be encoded are among the failures.</param>
/// <param name="ExactTime">What preparing and encoding all of them took.</param>
/// <param name="LowerTime">The same in the lower precision.</param>
public sealed record PrecisionReport(
    IReadOnlyList<PicturePrecision> Pictures, IReadOnlyList<HeadPrecision> Heads, TimeSpan ExactTime, TimeSpan LowerTime, IReadOnlyList<Failure> Failures)
{
    /// <summary>With fewer pictures, a correlation says nothing and is null.</summary>
    public const int FewestForCorrelation = Correlation.Fewest;

    public double MeanCosine => Pictures.Average(p => p.Cosine);

    /// <summary>That 5 % of the pictures stay below; between two pictures, on the line between them.</summary>
    public double LowCosine
    {
        get
        {
            double[] sorted = [.. Pictures.Select(p => p.Cosine).Order()];
            var place = 0.05 * (sorted.Length - 1);
            var below = (int)place;
            return double.Lerp(sorted[below], sorted[Math.Min(below + 1, sorted.Length - 1)], place - below);
        }
    }

    public PicturePrecision Worst => Pictures.MinBy(p => p.Cosine)!;

    /// <summary>Pictures in the time of one at full precision.</summary>
    public double Speed => ExactTime / LowerTime;
}

/// <param name="Cosine">Between the picture's two vectors.</param>
public sealed record PicturePrecision(string Path, double Cosine);

/// <summary>A head's raw scores of the same pictures in both precisions.</summary>
/// <param name="Spearman">Of their ranks; null for too few pictures, or where all score the same.</param>
/// <param name="Pearson">Of the scores themselves; null as well.</param>
public sealed record HeadPrecision(string Head, double? Spearman, double? Pearson, double MeanDifference, double MaxDifference);
