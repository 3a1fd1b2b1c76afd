namespace Tastemaker.Nets.Text;

/// <summary>
/// What one text may cost. Repairs run until nothing changes, which hostile text can put off for as many rounds as it has
/// characters ("&amp;amp;amp;amp;…"); past the allowance they stop, and the text stays as far as it got.
/// </summary>
/// <param name="characters">Of the whole text.</param>
internal sealed class Work(int characters)
{
    private const int DeepestNesting = 64;

    /// <summary>Characters looked at: enough for 4,000 rounds over a text of 4,000 characters, or 32 over one of a million.</summary>
    private long _left = 16_000_000 + 16L * characters;

    private int _nesting;

    public bool Allows(int spent) => (_left -= spent) >= 0;

    /// <summary>The outcome of <paramref name="repair"/>, or <paramref name="otherwise"/> where repairs are nested too deep.</summary>
    public string Deeper(Func<string> repair, string otherwise)
    {
        if (_nesting == DeepestNesting)
        {
            return otherwise;
        }

        _nesting++;
        var result = repair();
        _nesting--;
        return result;
    }
}
