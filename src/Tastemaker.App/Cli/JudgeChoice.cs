using System.CommandLine;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Judging;
using Tastemaker.Core.Painting;
using Tastemaker.Core.Taste;

namespace Tastemaker.App.Cli;

/// <summary>Who scores pictures as they are painted: installed heads, or what a taste's judgements teach.</summary>
internal sealed class JudgeChoice : IDisposable
{
    public static readonly Option<string[]> Models = new("--model", "-m")
    {
        Description = "Score by a head, or by a taste; may be repeated, the first decides. Default with --scores: all heads that take the encoder's vectors.",
        HelpName = "NAME",
    };

    public static readonly Option<bool> Scores = new("--scores") { Description = "Score every picture, and bring it into the studio." };

    private JudgeChoice(IEncoder encoder, IReadOnlyList<ScoringHead> heads) => (Encoder, Judge) = (encoder, new(encoder, heads));

    public static IEnumerable<Option> Options => [Scores, Models, EncoderChoice.Encoder];

    public IEncoder Encoder { get; }

    public PictureJudge Judge { get; }

    /// <summary>Null where nothing is to be scored.</summary>
    public static JudgeChoice? Of(PaintPlan plan, Workspace workspace, Terminal terminal, CancellationToken cancel)
    {
        var models = plan.Models;
        if (models.Count == 0 && !plan.IsScored)
        {
            return null;
        }

        var tastes = models.Where(name => name != PlainHead.Name && workspace.Models.Find(name) is null && IsTaste(workspace, name)).ToList();
        var heads = models.Except(tastes).ToArray() is { Length: > 0 } named ? workspace.Heads(named, space: null) : [];
        var encoder = workspace.Encoder(plan.Encoder, heads, new() { Device = plan.Device, FellBack = why => terminal.Note($"note: {why}") });
        try
        {
            ScoringHead[] all = models.Count == 0 ? [.. workspace.Heads([], encoder.Space)]
                : [.. models.Select(name => heads.FirstOrDefault(head => head.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || head.KnownAs == name)
                    ?? OfTaste(name, encoder, workspace, terminal, cancel))];
            ScoredPictures.Demand(all, encoder, terminal);
            return new(encoder, all);
        }
        catch
        {
            encoder.Dispose();
            throw;
        }
    }

    public void Dispose() => Encoder.Dispose();

    private static bool IsTaste(Workspace workspace, string name) =>
        File.Exists(workspace.Folder.Database) && new JudgementLog(workspace.Database).Tastes().Any(taste => taste.Name == name);

    private static ScoringHead OfTaste(string taste, IEncoder encoder, Workspace workspace, Terminal terminal, CancellationToken cancel)
    {
        var vectors = workspace.Vectors(encoder);
        var lessons = LessonChoice.OfLog(workspace, taste, encoder, vectors, terminal).Lessons;
        return PosteriorHead.Fit(vectors, workspace.Heads([], encoder.Space), taste, lessons, cancel).Scoring(taste, encoder.Space);
    }
}
