using Tastemaker.Nets.Clip;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Training;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Nets.StableDiffusion;

/// <summary>
/// Aesthetic gradients: a text tower that learns, for one prompt, to put its text nearer to a direction among images, and whose states the UNet
/// then reads. Follows <c>PersonalizedCLIPEmbedder</c> of vicgalle/stable-diffusion-aesthetic-gradients, ldm/modules/encoders/modules.py: the loss
/// is minus the mean cosine, Adam moves every parameter of the tower, and the projection into the images' space stays.
/// </summary>
/// <param name="Step">A step of training, which also gives <see cref="Cosines"/> before the step.</param>
/// <param name="Readout">What the tower makes of the prompts as its parameters are: <see cref="Cosines"/>, <see cref="Features"/>, <see cref="States"/>.</param>
public sealed record AestheticGradients(TrainingStep Step, IReadOnlyDictionary<string, Node> Readout)
{
    /// <summary>[prompts, tokens], whole numbers: places in the table of those tokens that are in use. The end-of-text token has the largest.</summary>
    public const string Ids = "ids";

    /// <summary>[dims], the direction; of length 1 for cosines.</summary>
    public const string Target = "target";

    /// <summary>[prompts].</summary>
    public const string Cosines = "cosines";

    /// <summary>[prompts, dims], not normalised.</summary>
    public const string Features = "features";

    /// <summary>[prompts, tokens, width], what the UNet reads.</summary>
    public const string States = "states";

    public const string TokenTable = "text_model.embeddings.token_embedding.weight";

    /// <summary>Not trained: an input of both graphs.</summary>
    public const string Projection = "text_projection.weight";

    private const string Tower = "text_model.";

    /// <param name="weights">Shapes of a tower and its projection by Hugging Face's names.</param>
    /// <param name="rows">
    /// Tokens in use, at most. Adam leaves a parameter alone whose gradient was always zero, so it is enough to train the rows of the table that the
    /// prompts take.
    /// </param>
    /// <exception cref="WeightException">A weight is missing, or of another shape than the config says.</exception>
    public static AestheticGradients Build(IReadOnlyDictionary<string, StoredTensor> weights, TextEncoder.Config config, int prompts, int rows, int clipSkip)
    {
        var table = weights.TryGetValue(TokenTable, out var stored) ? stored : throw new WeightException($"'{TokenTable}' is not in the checkpoint; a text tower has it.");
        var scope = Scope.Trained(new Dictionary<string, StoredTensor>(weights) { [TokenTable] = table with { Shape = new(rows, table.Shape[-1]) } });
        var used = config with { Tower = config.Tower with { Vocabulary = rows } };
        var tower = ClipText.Build(scope, used.Tower, Node.In(Ids, ElementType.I64, prompts, used.Tower.Stack.Tokens));
        var features = tower.Embedding ?? throw new WeightException($"'{Projection}' is not in the checkpoint; without it a text is not in a space with images.");
        var cosines = features.Along(Node.In(Target, ElementType.F32, used.Tower.Dims));
        var states = TextEncoder.Of(tower, scope, used, clipSkip);

        Node[] trained = [.. scope.Used.Where(node => node.Name.StartsWith(Tower, StringComparison.Ordinal))];
        var step = TrainingStep.Build(cosines.Mean().Neg(), trained, new Optimizer.Adam());
        return new(
            step with { Outputs = new Dictionary<string, Node>(step.Outputs) { [Cosines] = cosines } },
            new Dictionary<string, Node> { [Cosines] = cosines, [Features] = features, [States] = states });
    }
}
