using System.Globalization;
using System.Text.RegularExpressions;

namespace Tastemaker.Nets.StableDiffusion;

/// <summary>
/// The brackets by which prompts for AUTOMATIC1111's web UI say what counts: <c>(a)</c> is 1.1 times as much, <c>(a:1.3)</c> 1.3 times, <c>[a]</c> 1.1 times
/// less; they nest, a backslash makes a bracket text, and the word BREAK ends a chunk of tokens. Follows <c>parse_prompt_attention</c> in modules/prompt_parser.py,
/// but a weight that is no number is text where that fails, and a BREAK between brackets breaks.
/// </summary>
public static partial class PromptEmphasis
{
    /// <summary>Longer prompts are refused: each bracket is gone over by all those around it.</summary>
    private const int MostCharacters = 16_384;

    /// <summary>No weight is stronger, however many brackets there are; weighted conditioning stays finite.</summary>
    private const double Strongest = 1000;

    private const double Bracket = 1.1;

    /// <exception cref="ArgumentException">The prompt is too long.</exception>
    /// <returns>At least one part; neighbours of the same weight are one.</returns>
    public static IReadOnlyList<PromptPart> Parse(string prompt)
    {
        if (prompt.Length > MostCharacters)
        {
            throw new ArgumentException($"the prompt has {prompt.Length} characters; {MostCharacters} at most are wanted. Shorten it.");
        }

        var parts = new List<PromptPart>();
        var (round, square) = (new Stack<int>(), new Stack<int>());
        foreach (Match match in Tokens().Matches(prompt))
        {
            switch (match.ValueSpan)
            {
                case ['\\', .. var literal]:
                    parts.Add(new(literal.ToString(), 1));
                    break;
                case "(":
                    round.Push(parts.Count);
                    break;
                case "[":
                    square.Push(parts.Count);
                    break;
                case [':', .., ')'] when round.Count > 0:
                    Close(match);
                    break;
                case ")" when round.Count > 0:
                    Multiply(parts, round.Pop(), Bracket);
                    break;
                case "]" when square.Count > 0:
                    Multiply(parts, square.Pop(), 1 / Bracket);
                    break;
                default:
                    AddText(parts, match.Value);
                    break;
            }
        }

        // Brackets left open reach to the end.
        foreach (var (open, factor) in round.Reverse().Select(open => (open, Bracket)).Concat(square.Reverse().Select(open => (open, 1 / Bracket))))
        {
            Multiply(parts, open, factor);
        }

        return Joined(parts);

        void Close(Match weighted)
        {
            const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
            if (double.TryParse(weighted.Groups[1].ValueSpan, Style, CultureInfo.InvariantCulture, out var weight))
            {
                Multiply(parts, round.Pop(), weight);
                return;
            }

            AddText(parts, weighted.Value[..^1]);
            Multiply(parts, round.Pop(), Bracket);
        }
    }

    private static void Multiply(List<PromptPart> parts, int from, double factor)
    {
        for (var i = from; i < parts.Count; i++)
        {
            parts[i] = parts[i].IsBreak ? parts[i] : parts[i] with { Weight = Math.Clamp(parts[i].Weight * factor, -Strongest, Strongest) };
        }
    }

    private static void AddText(List<PromptPart> parts, string text)
    {
        var pieces = Break().Split(text);
        for (var i = 0; i < pieces.Length; i++)
        {
            if (i > 0)
            {
                parts.Add(PromptPart.Break);
            }

            var piece = i > 0 ? pieces[i].TrimStart() : pieces[i];
            parts.Add(new(i < pieces.Length - 1 ? piece.TrimEnd() : piece, 1));
        }
    }

    private static List<PromptPart> Joined(List<PromptPart> parts)
    {
        var joined = new List<PromptPart>();
        for (var i = 0; i < parts.Count;)
        {
            var same = 1;
            while (i + same < parts.Count && !parts[i].IsBreak && !parts[i + same].IsBreak && parts[i + same].Weight == parts[i].Weight)
            {
                same++;
            }

            joined.Add(same == 1 ? parts[i] : new(string.Concat(parts.Skip(i).Take(same).Select(part => part.Text)), parts[i].Weight));
            i += same;
        }

        return joined is [] ? [new("", 1)] : joined;
    }

    /// <summary>A bracket, an escaped one, the end of a weighted bracket, or text.</summary>
    [GeneratedRegex(@"\\[()\[\]\\]?|[()\[\]]|:([+-]?[.0-9]{1,32})\)|[^\\()\[\]:]+|:")]
    private static partial Regex Tokens();

    [GeneratedRegex(@"\bBREAK\b")]
    private static partial Regex Break();
}
