using Tastemaker.Core.Models;
using Tastemaker.Nets.StableDiffusion;
using Tastemaker.Nets.Training;

namespace Tastemaker.Core.Painting.Aesthetics;

/// <summary>What became of prompts that were drawn towards an aesthetic.</summary>
/// <param name="States">[prompts, tokens, width].</param>
/// <param name="Cosines">Of each prompt to the target: before each step and after the last, [steps + 1][prompts].</param>
internal sealed record Drawn(float[] States, IReadOnlyList<float[]> Cosines);

/// <summary>
/// A text tower in training. Each call begins with the tower as it is in its file; prompts of one call are drawn together, as a batch of the
/// original's is. For one thread.
/// </summary>
internal sealed class DrawnTower : IDisposable
{
    private readonly TextTower _tower;
    private readonly IteratedSession _training;
    private readonly StateReader _reader;
    private readonly int _prompts, _tokens, _rows;
    private long[] _table = []; // The tokens whose rows are in training.

    /// <param name="prompts">How many each call draws.</param>
    /// <param name="clipSkip">1 for the state that the UNet was trained with.</param>
    public DrawnTower(TextTower tower, int prompts, int clipSkip, SessionPlace place, CancellationToken cancel)
    {
        var config = tower.Config;
        (_tower, _prompts, _tokens) = (tower, prompts, config.Tower.Stack.Tokens);
        _rows = (int)Math.Min((long)prompts * _tokens, config.Tower.Vocabulary);
        var graphs = AestheticGradients.Build(tower.Weights, config, prompts, _rows, clipSkip);
        _training = IteratedSession.Load(graphs.Step.Outputs, graphs.Step.State, TrainingStep.After, Initial, AestheticGradients.Cosines, place, cancel);
        try
        {
            _reader = _training.Reader(graphs.Readout, cancel);
            var (projection, target) = (tower.Floats(AestheticGradients.Projection), new float[config.Tower.Dims]);
            _training.Set<float>(AestheticGradients.Projection, projection, config.Tower.Dims, config.Tower.Stack.Width);
            _reader.Set<float>(AestheticGradients.Projection, projection, config.Tower.Dims, config.Tower.Stack.Width);
            Aim(target);
        }
        catch
        {
            _reader?.Dispose();
            _training.Dispose();
            throw;
        }
    }

    /// <summary>What the tower as it is in its file says of prompts: [prompts, dims], not normalised.</summary>
    public float[] Features(ReadOnlySpan<long> ids, CancellationToken cancel)
    {
        Begin(ids);
        return _reader.Run(cancel)[AestheticGradients.Features];
    }

    /// <param name="ids">[prompts, tokens].</param>
    /// <param name="target">[dims]; of length 1 for cosines.</param>
    /// <param name="tell">After each step, how many were made and the cosines.</param>
    public Drawn Draw(ReadOnlySpan<long> ids, ReadOnlySpan<float> target, int steps, double learningRate, Action<int, float[]> tell, CancellationToken cancel)
    {
        Begin(ids);
        Aim(target);
        _training.Set<double>(TrainingStep.LearningRate, [learningRate]);
        var cosines = new List<float[]>();
        for (var step = 1; step <= steps; step++)
        {
            _training.Set<double>(TrainingStep.Number, [step]);
            Read(_training.Run(cancel));
        }

        var readout = _reader.Run(cancel);
        Read(readout[AestheticGradients.Cosines]);
        return new(readout[AestheticGradients.States], cosines);

        void Read(float[] now)
        {
            tell(cosines.Count, now);
            cosines.Add(now);
        }
    }

    /// <summary>A parameter or a moment as the last step left it.</summary>
    internal float[] State(string name) => _training.State(name);

    public void Dispose()
    {
        _reader.Dispose();
        _training.Dispose();
    }

    /// <summary>Tokens become places in the table, in the order of their ids, so that the end-of-text token still has the largest.</summary>
    private void Begin(ReadOnlySpan<long> ids)
    {
        if (ids.Length != _prompts * _tokens)
        {
            throw new ArgumentException($"{ids.Length} tokens came; {_prompts} prompts of {_tokens} are wanted.", nameof(ids));
        }

        _table = [.. ids.ToArray().Distinct().Order()];
        long[] places = [.. ids.ToArray().Select(id => (long)Array.BinarySearch(_table, id))];
        _training.Begin(Initial);
        _training.Set<long>(AestheticGradients.Ids, places, _prompts, _tokens);
        _reader.Set<long>(AestheticGradients.Ids, places, _prompts, _tokens);
    }

    private void Aim(ReadOnlySpan<float> target)
    {
        _training.Set(AestheticGradients.Target, target, target.Length);
        _reader.Set(AestheticGradients.Target, target, target.Length);
    }

    private float[] Initial(Nets.Graph.Node node)
    {
        if (_tower.Weights.ContainsKey(node.Name) && node.Name != AestheticGradients.TokenTable)
        {
            return _tower.Floats(node.Name);
        }

        var numbers = new float[node.Shape.Axes.Aggregate(1, (product, axis) => product * axis)];
        if (node.Name == AestheticGradients.TokenTable)
        {
            _tower.Rows(_table, numbers);
        }

        return numbers;
    }
}
