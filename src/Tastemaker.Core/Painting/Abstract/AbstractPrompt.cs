namespace Tastemaker.Core.Painting.Abstract;

/// <summary>What an abstract picture shows, how it is arranged, and in which light and technique: "three circles drifting, at dusk".</summary>
/// <param name="Subject">One of <see cref="Subjects"/>.</param>
/// <param name="Action">One of <see cref="Actions"/>.</param>
/// <param name="Suffix">One of <see cref="Suffixes"/>.</param>
internal sealed record AbstractPrompt(string Subject, string Action, string Suffix)
{
    public static IReadOnlyList<string> Subjects => AbstractSubjects.Names;

    public static IReadOnlyList<string> Actions => Arrangement.Names;

    public static IReadOnlyList<string> Suffixes => Finish.Names;

    public string Text => $"{Subject} {Action}, {Suffix}";

    /// <summary>A prompt with each part drawn evenly and independently; the same seed draws the same prompt.</summary>
    public static AbstractPrompt Draw(ulong seed)
    {
        var dice = new Dice(seed);
        return new AbstractPrompt(dice.Pick(Subjects), dice.Pick(Actions), dice.Pick(Suffixes));
    }

    public override string ToString() => Text;
}
