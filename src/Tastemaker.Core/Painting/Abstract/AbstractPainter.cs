namespace Tastemaker.Core.Painting.Abstract;

/// <summary>
/// Paints abstract pictures without any network: a small painter for trying Tastemaker out. The subject decides what is drawn, the
/// action how it is arranged, the suffix its colours and surface; the seed all that the prompt leaves open.
/// The same prompt, seed and size give the same picture on one platform (elsewhere a level may differ: sines are the system's).
/// </summary>
internal static class AbstractPainter
{
    public const int SmallestSide = 16;
    public const int LargestSide = 4096;

    /// <param name="prompt">Parts out of <see cref="AbstractPrompt"/>'s lists.</param>
    /// <param name="seed">Any number.</param>
    /// <param name="side">Width and height in pixels, 16 to 4096.</param>
    /// <returns>Interleaved 8-bit sRGB, rows from the top: <c>side × side × 3</c> bytes.</returns>
    /// <exception cref="ArgumentException">A part that the painter does not know.</exception>
    public static byte[] Paint(AbstractPrompt prompt, ulong seed, int side)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(side, SmallestSide);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(side, LargestSide);
        Require("subject", prompt.Subject, AbstractPrompt.Subjects);
        Require("action", prompt.Action, AbstractPrompt.Actions);
        Require("suffix", prompt.Suffix, AbstractPrompt.Suffixes);

        var dice = new Dice(seed);
        var noise = new Noise(dice.Bits());
        var finish = Finish.For(prompt.Suffix, dice);
        var arrangement = new Arrangement(prompt.Action, dice, noise);
        var canvas = new Canvas(side);
        canvas.Fill(finish.Ground);
        var background = canvas.Copy();

        AbstractSubjects.Draw(prompt.Subject, new Scene(canvas, arrangement, finish, dice, noise));
        arrangement.Complete(canvas, background);
        finish.Apply(canvas, noise);

        var rgb = new byte[side * side * 3];
        for (var i = 0; i < canvas.Pixels.Length; i++)
        {
            Oklab.Write(canvas.Pixels[i], rgb.AsSpan(3 * i, 3));
        }

        return rgb;
    }

    private static void Require(string part, string value, IReadOnlyList<string> known)
    {
        if (!known.Contains(value))
        {
            throw new ArgumentException($"the abstract painter knows no {part} '{value}'; it paints: {string.Join(", ", known)}.");
        }
    }
}
