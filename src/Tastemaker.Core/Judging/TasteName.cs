namespace Tastemaker.Core.Judging;

/// <summary>What a taste or a rater may be called.</summary>
public static class TasteName
{
    public const string Default = "mine";

    /// <summary>Who judges where nobody says who.</summary>
    public const string DefaultRater = "me";

    private const int Longest = 64;

    /// <summary>The name as it was given, once it is found good.</summary>
    /// <param name="what">Such as <c>taste</c> or <c>rater</c>.</param>
    /// <exception cref="JudgingException">It is not 1 to 64 letters, digits, spaces, <c>-</c>, <c>_</c> or <c>.</c>, or starts or ends with a space or a dot.</exception>
    public static string Demand(string name, string what = "taste") =>
        name.Length is > 0 and <= Longest && name.All(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_' or '.') && name[0] is not ('.' or ' ') && name[^1] is not ('.' or ' ')
            ? name
            : throw new JudgingException($"'{Shown(name)}' cannot name a {what}: 1 to {Longest} letters, digits, spaces, '-', '_' and '.' can, "
                + "with neither a dot nor a space at either end.");

    private static string Shown(string name) =>
        string.Concat((name.Length <= Longest ? name : name[..Longest] + $"… ({name.Length} characters)").Select(c => char.IsControl(c) ? '?' : c));
}
