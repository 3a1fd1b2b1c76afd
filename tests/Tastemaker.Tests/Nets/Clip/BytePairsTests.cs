using FsCheck;
using FsCheck.Fluent;
using Tastemaker.Nets.Clip;

namespace Tastemaker.Tests.Nets.Clip;

public sealed class BytePairsTests
{
    /// <summary>Few letters, so that merges meet; orders that no learning gives are among them.</summary>
    private static readonly Gen<string> Words = Gen.Elements('a', 'b', 'c').ListOf().Select(letters => string.Concat(letters));

    [Fact]
    public void Merges_are_those_of_rewriting_the_word_round_by_round()
    {
        var merges = Gen.Two(Words.Where(word => word.Length is > 0 and < 4)).ListOf().Where(list => list.Count > 0);
        var cases = merges.SelectMany(_ => Words.Where(word => word.Length > 0), (list, word) => (Merges: list, Word: word));
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var spelled = c.Merges.SelectMany((merge, i) => new[] { merge, (merge.Item1, merge.Item2 + ClipVocabulary.WordEnd) }.Take(1 + i % 2)).ToList();
            Assert.Equal(ByRounds(c.Word, spelled), Spelled(c.Word, spelled));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(1, 1));
    }

    private static List<string> Spelled(string word, List<(string Left, string Right)> merges)
    {
        var spellings = ClipVocabulary.Alphabet.SelectMany(letter => new[] { $"{letter}", letter + ClipVocabulary.WordEnd })
            .Concat(merges.SelectMany(merge => new[] { merge.Left, merge.Right, merge.Left + merge.Right })).Distinct().ToList();
        var tokens = spellings.Index().ToDictionary(spelling => spelling.Item, spelling => spelling.Index);
        var pairs = new BytePairs(new ClipVocabulary(tokens, merges));
        return [.. pairs.Encode([.. word.Select(letter => (byte)letter)]).Select(id => spellings[id])];
    }

    private static List<string> ByRounds(string word, List<(string Left, string Right)> merges)
    {
        // A pair that was learned twice has its later rank.
        var ranks = merges.Index().GroupBy(merge => merge.Item).ToDictionary(group => group.Key, group => group.Last().Index);
        var parts = word.Select(letter => letter.ToString()).ToList();
        parts[^1] += ClipVocabulary.WordEnd;
        while (parts.Zip(parts.Skip(1)).Where(ranks.ContainsKey).OrderBy(pair => ranks[pair]).Cast<(string, string)?>().FirstOrDefault() is var (left, right))
        {
            for (var i = 0; i + 1 < parts.Count; i++)
            {
                if (parts[i] == left && parts[i + 1] == right)
                {
                    parts[i] += right;
                    parts.RemoveAt(i + 1);
                }
            }
        }

        return parts;
    }
}
