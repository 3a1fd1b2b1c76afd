using System.Numerics;
using Tastemaker.Core.Judging;

namespace Tastemaker.App.Web.Api;

/// <summary>What a request must be before anything is done with it.</summary>
internal static class Require
{
    /// <summary>A taste's name, from the address.</summary>
    public static string Taste(string name)
    {
        try
        {
            return TasteName.Demand(name);
        }
        catch (JudgingException e)
        {
            throw HttpProblem.BadRequest(e.Message);
        }
    }

    /// <summary>A rater's or a scale's name, from the body.</summary>
    public static string Name(string name, string what)
    {
        try
        {
            return TasteName.Demand(name, what);
        }
        catch (JudgingException e)
        {
            throw HttpProblem.Unprocessable(e.Message);
        }
    }

    public static int? Duration(int? milliseconds) => milliseconds is not < 0
        ? milliseconds : throw HttpProblem.Unprocessable($"'milliseconds' {milliseconds} is no duration; 0 or more is.");

    /// <summary>A number of the address; one that is not a number is not within.</summary>
    public static void Within<T>(T value, T least, T most, string name)
        where T : INumber<T>
    {
        if (!(value >= least && value <= most))
        {
            throw HttpProblem.BadRequest($"'{name}' is {value}; {least} to {most} was wanted.");
        }
    }

    /// <summary>What a request said, short enough and harmless to say back.</summary>
    public static string Shown(string text)
    {
        const int Longest = 80;
        var start = text.Length <= Longest ? text : $"{text[..Longest]}… ({text.Length} characters)";
        return string.Concat(start.Select(c => char.IsControl(c) ? '?' : c));
    }
}
