using Tastemaker.Core.Models;
using Tastemaker.Core.Platform;
using Tastemaker.Nets.Graph;
using Tastemaker.Nets.Heads;
using Tastemaker.Nets.Training;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Taste.Training;

/// <summary>A head that was trained, and how.</summary>
/// <param name="Epochs">Passes that were made.</param>
/// <param name="Best">The pass whose weights these are, from 1.</param>
/// <param name="HeldOut">Of the choices that told when to stop: they chose the pass, so the figure is a little too good to be shown.</param>
public sealed record TrainedHead(HeadWeights Weights, int Epochs, int Best, Agreement HeldOut);

/// <summary>
/// Trains a head by AdamW under a cosine schedule, as custom-classifier-training does: a step is one graph, run by ONNX Runtime. The pass
/// that does best on held-out images is kept.
/// </summary>
public sealed class HeadTrainer
{
    private const string Features = "features", Targets = "targets", Read = "scores";
    private const double Margin = 1, WarmUp = 0.1;

    private readonly TrainingOptions _options;
    private readonly Lesson _lesson;
    private readonly HeadNetwork _network;
    private readonly Normalization _normalization;
    private readonly float[][] _features;
    private readonly Random _random;

    private HeadTrainer(TrainingSet set, TrainingOptions options)
    {
        (_options, _random) = (options, new(options.Seed));
        _lesson = Lesson.Of(set, options, _random);
        _normalization = Normalization.Of(set.Features, _lesson.Ratings);
        _features = [.. set.Features.Select(_normalization.Apply)];
        var width = set.Features[0].Length;
        _network = options.Kind == HeadKind.Linear ? HeadNetwork.Linear(width) : HeadNetwork.Layered(width, options.Relu);
    }

    /// <exception cref="TrainingException">There is nothing to learn: no pairs, one image, ratings that are all the same.</exception>
    public static TrainedHead Fit(TrainingSet set, TrainingOptions options, IProgress<Progress>? progress, CancellationToken cancel) =>
        new HeadTrainer(set, options).Fit(progress, cancel);

    private TrainedHead Fit(IProgress<Progress>? progress, CancellationToken cancel)
    {
        using var training = Training(cancel);
        using var scoring = Scoring(cancel);
        var examples = Enumerable.Range(0, _options.Loss == HeadLoss.Margin ? _lesson.Choices.Count : _lesson.Ratings.Count).ToArray();
        var batchSize = Math.Clamp(examples.Length / _options.Steps, 1, _options.Batch);
        var steps = (examples.Length + batchSize - 1) / batchSize * _options.Epochs;
        var peak = _options.LearningRate ?? (_options.Kind == HeadKind.Linear ? 0.03 / Math.Sqrt(_features[0].Length) : 2e-4);
        var schedule = new CosineSchedule(peak, steps, (int)Math.Ceiling(WarmUp * steps));

        var (step, best, kept) = (0, (Epoch: 0, Loss: double.PositiveInfinity, HeldOut: default(Agreement)), Tensors(training));
        int epoch;
        for (epoch = 1; epoch <= _options.Epochs && epoch - best.Epoch <= _options.Patience; epoch++)
        {
            _random.Shuffle(examples);
            foreach (var batch in examples.Chunk(batchSize))
            {
                training.Set<double>(TrainingStep.LearningRate, [schedule.At(step)]);
                training.Set<double>(TrainingStep.Number, [++step]);
                Hand(training, batch);
                training.Run(cancel);
            }

            var (loss, heldOut) = Judge(scoring, training, cancel);
            if (loss <= best.Loss)
            {
                (best, kept) = ((epoch, loss, heldOut), Tensors(training));
            }

            progress?.Report(new("Training", epoch, _options.Epochs));
        }

        if (best.Epoch == 0)
        {
            throw new TrainingException($"the loss is no number after {epoch - 1} passes at a learning rate of {peak}; train with a smaller one.");
        }

        return new(_normalization.Undo(kept, _network.HasRelu), epoch - 1, best.Epoch, best.HeldOut);
    }

    private IteratedSession Training(CancellationToken cancel)
    {
        var scores = _network.Scores(Node.In(Features, ElementType.F32, -1, _features[0].Length), training: true);
        var loss = _options.Loss == HeadLoss.Mse ? scores.MeanSquaredError(Node.In(Targets, ElementType.F32, -1, 1)) : Ranked(scores.Reshape(2, -1));
        var optimizer = new Optimizer.Adam { WeightDecay = _options.WeightDecay, IsDecoupled = true };
        var step = TrainingStep.Build(loss, _network.Parameters, optimizer);
        return IteratedSession.Load(step.Outputs, step.State, TrainingStep.After, Initial, TrainingStep.Loss, SessionPlace.Processor, cancel);
    }

    /// <summary>All that were preferred lie in the first row, those beside them in the second.</summary>
    private static Node Ranked(Node scores) => scores.At(0, 0).MarginRanking(scores.At(0, 1), sign: null, Margin);

    private IteratedSession Scoring(CancellationToken cancel)
    {
        var scores = _network.Scores(Node.In(Features, ElementType.F32, -1, _features[0].Length), training: false);
        var session = IteratedSession.Load(new Dictionary<string, Node> { [Read] = scores }, [], name => name, _ => [], Read, SessionPlace.Processor, cancel);
        Hand(session, Features, [.. Enumerable.Range(0, _features.Length)]);
        return session;
    }

    /// <summary>As torch's Linear begins, U(±1/√inputs); a single layer and all moments begin as zeros.</summary>
    private float[] Initial(Node node)
    {
        var numbers = new float[node.Shape.Axes.Aggregate(1, (product, axis) => product * axis)];
        var place = _network.Parameters.ToList().IndexOf(node);
        if (place >= 0 && _options.Kind != HeadKind.Linear)
        {
            var bound = 1 / Math.Sqrt(_network.Parameters[place / 2 * 2].Shape[1]);
            for (var i = 0; i < numbers.Length; i++)
            {
                numbers[i] = (float)(bound * ((2 * _random.NextDouble()) - 1));
            }
        }

        return numbers;
    }

    private void Hand(IteratedSession session, int[] batch)
    {
        int[] rows;
        if (_options.Loss == HeadLoss.Margin)
        {
            rows = [.. batch.Select(i => _lesson.Choices[i].Better), .. batch.Select(i => _lesson.Choices[i].Worse)];
        }
        else
        {
            rows = [.. batch.Select(i => _lesson.Ratings[i].Image)];
            session.Set<float>(Targets, [.. batch.Select(i => _normalization.Target(_lesson.Ratings[i].Value))], rows.Length, 1);
        }

        Hand(session, Features, rows);
        foreach (var (mask, dropout) in _network.Masks)
        {
            var (kept, numbers) = ((float)(1 / (1 - dropout)), new float[rows.Length * mask.Shape[1]]);
            for (var i = 0; i < numbers.Length; i++)
            {
                numbers[i] = _random.NextSingle() < dropout ? 0 : kept;
            }

            session.Set<float>(mask.Name, numbers, rows.Length, mask.Shape[1]);
        }
    }

    private void Hand(IteratedSession session, string name, int[] rows)
    {
        var width = _features[0].Length;
        var matrix = new float[rows.Length * width];
        for (var i = 0; i < rows.Length; i++)
        {
            _features[rows[i]].CopyTo(matrix, i * width);
        }

        session.Set<float>(name, matrix, rows.Length, width);
    }

    /// <summary>The loss on what was held out, which is what makes one pass better than another; without any, the last pass is the best.</summary>
    private (double Loss, Agreement HeldOut) Judge(IteratedSession scoring, IteratedSession training, CancellationToken cancel)
    {
        foreach (var parameter in _network.Parameters)
        {
            scoring.Set<float>(parameter.Name, training.State(parameter.Name), [.. parameter.Shape.Axes.Select(axis => (long)axis)]);
        }

        var scores = scoring.Run(cancel);
        if (_lesson.HeldOutRatings.Count > 0)
        {
            return (_lesson.HeldOutRatings.Average(r => Math.Pow(scores[r.Image] - _normalization.Target(r.Value), 2)), default);
        }

        if (_lesson.HeldOutChoices.Count == 0)
        {
            return (double.MinValue, default);
        }

        var agreed = _lesson.HeldOutChoices.Count(c => scores[c.Better] > scores[c.Worse]);
        return (_lesson.HeldOutChoices.Average(c => Math.Max(0, Margin - (scores[c.Better] - scores[c.Worse]))), new(agreed, _lesson.HeldOutChoices.Count));
    }

    private List<TensorData> Tensors(IteratedSession training) =>
        [.. _network.Parameters.Select(p => TensorData.Of(p.Name, p.Shape, training.State(p.Name)))];
}
