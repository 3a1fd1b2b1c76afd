using Tastemaker.Core.Painting.Abstract;
using Tastemaker.Nets.Gist;

namespace Tastemaker.Core.Demo;

/// <summary>
/// A person made up for the demo. How much an image pleases is the sum of three parts, each drawn from a seed: properties of
/// the picture, some wanted high, some wanted just so (which no linear model of them can follow); the words of the prompt,
/// which pixels show only in part; and associations that no pixel shows. Choices follow Bradley and Terry: the better of a
/// pair wins the more often the further it is ahead, and the same pair shown twice is judged alike <see cref="Repeatability"/> of the time.
/// </summary>
internal sealed class SimulatedPerson
{
    /// <summary>Close to what one person reached on the same pairs two weeks apart: 0.743 in chrisgoringe's notes on image_comparison.</summary>
    public const double Repeatability = 0.75;

    private const double PropertyShare = 0.5;
    private const double PromptShare = 0.35;
    private const double HiddenShare = 0.15;

    // Of these some are wanted high or low, some at a level of the person's own.
    private static readonly string[] Properties =
    [
        "colour.lightness.mean", "colour.colourfulness", "light.contrast.rms", "hue.warm", "hue.entropy", "mirror.lightness.sideways",
        "salience.thirds", "sharpness.level0", "gradient.entropy", "focus.empty",
    ];

    private readonly double[] _pleasure;
    private readonly double _scale;
    private readonly Dice _dice;

    /// <param name="pictures">All that this person will ever see: prompt and gist features.</param>
    public SimulatedPerson(IReadOnlyList<(AbstractPrompt Prompt, float[] Features)> pictures, ulong seed)
    {
        _dice = new Dice(Dice.Mix(seed ^ 0x5045_5253_4F4E));
        double[] properties = LikeProperties(pictures), prompts = LikePrompts(pictures);
        double[] hidden = Standard([.. pictures.Select(_ => (double)_dice.Bell())]);
        _pleasure = Standard([.. pictures.Select((_, i) =>
            (Math.Sqrt(PropertyShare) * properties[i]) + (Math.Sqrt(PromptShare) * prompts[i]) + (Math.Sqrt(HiddenShare) * hidden[i]))]);
        _scale = ScaleFor(Repeatability);
    }

    /// <summary>How often this person's choice is the one that their own true order would make, over all pairs.</summary>
    public double AgreementWithSelf => OverPairs(_scale, p => Math.Max(p, 1 - p));

    public Choice Choose(int left, int right) => new(left, right, _dice.Unit() < Wins(left, right));

    /// <summary>The chance that the person takes <paramref name="left"/>.</summary>
    public double Wins(int left, int right) => Logistic(_scale * (_pleasure[left] - _pleasure[right]));

    private double[] LikeProperties(IReadOnlyList<(AbstractPrompt Prompt, float[] Features)> pictures)
    {
        var names = GistEncoder.Names.ToList();
        var liking = new double[pictures.Count];
        foreach (var property in Properties)
        {
            var at = names.IndexOf(property);
            double weight = _dice.Bell(), level = 0.7 * _dice.Bell();
            var isWantedJustSo = _dice.Chance(0.3f);
            for (var i = 0; i < liking.Length; i++)
            {
                double v = Math.Clamp(pictures[i].Features[at], -2.5, 2.5);
                liking[i] += isWantedJustSo ? -Math.Abs(weight) * (v - level) * (v - level) / 2 : weight * v;
            }
        }

        return Standard(liking);
    }

    private double[] LikePrompts(IReadOnlyList<(AbstractPrompt Prompt, float[] Features)> pictures)
    {
        Dictionary<string, double> Draw(IEnumerable<string> parts) => parts.ToDictionary(p => p, _ => (double)_dice.Bell());
        Dictionary<string, double> subjects = Draw(AbstractPrompt.Subjects), actions = Draw(AbstractPrompt.Actions), suffixes = Draw(AbstractPrompt.Suffixes);
        return Standard([.. pictures.Select(p => subjects[p.Prompt.Subject] + (0.7 * actions[p.Prompt.Action]) + suffixes[p.Prompt.Suffix])]);
    }

    /// <summary>The steepness at which two judgements of one pair agree that often: E[p² + (1 − p)²], by bisection.</summary>
    private double ScaleFor(double repeatability)
    {
        double low = 0, high = 64;
        for (var i = 0; i < 40; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = OverPairs(middle, p => (p * p) + ((1 - p) * (1 - p))) < repeatability ? (middle, high) : (low, middle);
        }

        return (low + high) / 2;
    }

    private double OverPairs(double scale, Func<double, double> value)
    {
        double sum = 0;
        var count = 0;
        for (var i = 1; i < _pleasure.Length; i++)
        {
            for (var j = 0; j < i; j++, count++)
            {
                sum += value(Logistic(scale * (_pleasure[i] - _pleasure[j])));
            }
        }

        return sum / count;
    }

    private static double Logistic(double x) => 1 / (1 + Math.Exp(-x));

    private static double[] Standard(double[] values)
    {
        var mean = values.Average();
        var deviation = Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
        return [.. values.Select(v => (v - mean) / Math.Max(deviation, 1e-9))];
    }
}
