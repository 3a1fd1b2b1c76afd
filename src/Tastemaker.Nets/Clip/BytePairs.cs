using System.Collections.Frozen;

namespace Tastemaker.Nets.Clip;

/// <summary>
/// Byte pair encoding: of all adjacent pairs the one learned first is merged, wherever it stands and from the left, until none is left.
/// Follows <c>SimpleTokenizer.bpe</c> in openai/CLIP, clip/simple_tokenizer.py, in O(n log n) instead of O(n²).
/// </summary>
internal sealed class BytePairs
{
    private readonly int[] _inner = new int[256];
    private readonly int[] _final = new int[256];
    private readonly FrozenDictionary<(int Left, int Right), Merge> _merges;

    public BytePairs(ClipVocabulary vocabulary)
    {
        for (var b = 0; b < 256; b++)
        {
            var letter = ClipVocabulary.Alphabet[b].ToString();
            _inner[b] = vocabulary.Require(letter);
            _final[b] = vocabulary.Require(letter + ClipVocabulary.WordEnd);
        }

        var merges = new Dictionary<(int, int), Merge>();
        foreach (var (rank, (left, right)) in vocabulary.Merges.Index())
        {
            merges[(vocabulary.Require(left), vocabulary.Require(right))] = new(rank, vocabulary.Require(left + right));
        }

        _merges = merges.ToFrozenDictionary();
    }

    /// <param name="Rank">Lower is merged earlier.</param>
    private readonly record struct Merge(int Rank, int Whole);

    /// <summary>The tokens of one word, given as its UTF-8.</summary>
    public int[] Encode(ReadOnlySpan<byte> word)
    {
        var symbols = new Symbols(word.Length);
        for (var i = 0; i < word.Length; i++)
        {
            symbols.Ids[i] = i == word.Length - 1 ? _final[word[i]] : _inner[word[i]];
        }

        var pending = new PriorityQueue<int, (int Rank, int At)>();
        for (var i = 0; i + 1 < word.Length; i++)
        {
            Enqueue(pending, symbols, i);
        }

        // Pairs that a round makes wait for its end, even those learned earlier, as they do where a round rewrites the whole word.
        var made = new List<int>();
        while (pending.TryPeek(out _, out var first))
        {
            made.Clear();
            while (pending.TryPeek(out var at, out var next) && next.Rank == first.Rank)
            {
                pending.Dequeue();
                if (MergeAt(symbols, at) is { } merge && merge.Rank == first.Rank)
                {
                    symbols.MergeWithNext(at, merge.Whole);
                    made.Add(at);
                }
            }

            foreach (var at in made)
            {
                Enqueue(pending, symbols, at);
                Enqueue(pending, symbols, symbols.Previous[at]);
            }
        }

        return symbols.ToArray();
    }

    private void Enqueue(PriorityQueue<int, (int Rank, int At)> pending, Symbols symbols, int at)
    {
        if (MergeAt(symbols, at) is { } merge)
        {
            pending.Enqueue(at, (merge.Rank, at));
        }
    }

    private Merge? MergeAt(Symbols symbols, int at) =>
        at >= 0 && symbols.Ids[at] >= 0 && symbols.Next[at] < symbols.Ids.Length
        && _merges.TryGetValue((symbols.Ids[at], symbols.Ids[symbols.Next[at]]), out var merge) ? merge : null;

    /// <summary>A list of symbols, linked both ways by index; those merged into the one before have the id -1.</summary>
    private readonly struct Symbols
    {
        public readonly int[] Ids;
        public readonly int[] Next;
        public readonly int[] Previous;

        public Symbols(int count)
        {
            Ids = new int[count];
            Next = [.. Enumerable.Range(1, count)];
            Previous = [.. Enumerable.Range(-1, count)];
        }

        public void MergeWithNext(int at, int whole)
        {
            var gone = Next[at];
            Ids[at] = whole;
            Ids[gone] = -1;
            Next[at] = Next[gone];
            if (Next[at] < Ids.Length)
            {
                Previous[Next[at]] = at;
            }
        }

        public int[] ToArray() => [.. Ids.Where(id => id >= 0)];
    }
}
