using Tastemaker.Nets.Clip;

namespace Tastemaker.Nets.StableDiffusion;

/// <summary>
/// A prompt of any length as rows that a text encoder takes, whose outputs stand one behind the other before the UNet. Follows <c>tokenize_line</c> of
/// AUTOMATIC1111's web UI, modules/sd_hijack_clip.py.
/// </summary>
public static class PromptChunks
{
    /// <summary>So many tokens after the last comma go to the next chunk with the one that did not fit, the web UI's <c>comma_padding_backtrack</c>.</summary>
    private const int CommaReach = 20;

    /// <summary>Attention over the chunks grows with them; more is no prompt.</summary>
    private const int MostChunks = 64;

    /// <param name="window">The row of the checkpoint's text encoder.</param>
    /// <returns>At least one chunk.</returns>
    /// <exception cref="ArgumentException">The prompt is too long.</exception>
    public static IReadOnlyList<PromptChunk> Of(IReadOnlyList<PromptPart> parts, ClipTokenizer tokenizer, TokenWindow window)
    {
        var comma = tokenizer.Encode(",") is [var token] ? token : -1;
        var room = window.Length - 2;
        var chunks = new List<PromptChunk>();
        var row = new List<(int Token, float Weight)>();
        foreach (var part in parts)
        {
            if (part.IsBreak)
            {
                Close(row.Count);
                continue;
            }

            foreach (var next in tokenizer.Encode(part.Text))
            {
                if (row.Count == room)
                {
                    var afterComma = row.FindLastIndex(placed => placed.Token == comma) + 1;
                    Close(next != comma && afterComma > 0 && room - afterComma < CommaReach ? afterComma : room);
                }

                row.Add((next, (float)part.Weight));
            }
        }

        if (row.Count > 0 || chunks.Count == 0)
        {
            Close(row.Count);
        }

        return chunks;

        void Close(int count)
        {
            if (chunks.Count == MostChunks)
            {
                throw new ArgumentException($"the prompt takes more than {MostChunks} chunks of {room} tokens; fewer are wanted. Shorten it.");
            }

            var weights = Enumerable.Repeat(1f, window.Length).ToArray();
            row.Take(count).Select(placed => placed.Weight).ToArray().CopyTo(weights, 1);
            chunks.Add(new(tokenizer.Window(row.Take(count).Select(placed => placed.Token).ToArray(), window), weights));
            row.RemoveRange(0, count);
        }
    }
}

/// <summary>One row of a text encoder.</summary>
/// <param name="Tokens">Start, text, end and padding: as many as the window is long.</param>
/// <param name="Weights">One for each token.</param>
public sealed record PromptChunk(IReadOnlyList<long> Tokens, IReadOnlyList<float> Weights)
{
    public bool IsPlain => Weights.All(weight => weight == 1);

    /// <summary>Multiplies each token's conditioning by its weight, then all of it until its mean is what it was (the web UI's emphasis <c>Original</c>).</summary>
    /// <param name="conditioning">[tokens, width], the text encoder's output.</param>
    public void Emphasize(Span<float> conditioning)
    {
        if (IsPlain)
        {
            return;
        }

        var width = conditioning.Length / Weights.Count;
        var before = Sum(conditioning);
        for (var token = 0; token < Weights.Count; token++)
        {
            var row = conditioning.Slice(token * width, width);
            Blend.Scale(row, Weights[token], row);
        }

        var ratio = (float)(before / Sum(conditioning));
        if (float.IsFinite(ratio))
        {
            Blend.Scale(conditioning, ratio, conditioning);
        }
    }

    private static double Sum(ReadOnlySpan<float> values)
    {
        var sum = 0.0;
        foreach (var value in values)
        {
            sum += value;
        }

        return sum;
    }
}
