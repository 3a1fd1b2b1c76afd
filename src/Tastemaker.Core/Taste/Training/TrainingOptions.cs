namespace Tastemaker.Core.Taste.Training;

public enum HeadKind
{
    /// <summary>One direction and a bias.</summary>
    Linear,

    /// <summary>The five layers of ASV2.</summary>
    Mlp,
}

public enum HeadLoss
{
    /// <summary>The better of two is to score more by a margin of 1.</summary>
    Margin,

    /// <summary>The score is to be the rating.</summary>
    Mse,
}

/// <summary>How a head is trained.</summary>
public sealed record TrainingOptions
{
    public HeadKind Kind { get; init; }

    /// <summary>Whether a <see cref="HeadKind.Mlp"/> has ReLU between its layers.</summary>
    public bool Relu { get; init; }

    public HeadLoss Loss { get; init; }

    /// <summary>Passes over the data, if none of them is the last worth making before.</summary>
    public int Epochs { get; init; } = 30;

    /// <summary>Passes without a better one, after which it ends.</summary>
    public int Patience { get; init; } = 4;

    /// <summary>The most pairs or ratings in one step; of few, a pass makes about <see cref="Steps"/> smaller steps.</summary>
    public int Batch { get; init; } = 256;

    /// <summary>In a pass, at least, as far as there are so many pairs or ratings.</summary>
    public int Steps { get; init; } = 16;

    /// <summary>The highest one, after the warm-up; null takes 0.03 / √width for one layer, whose weights are of that size, and 2e-4 for five.</summary>
    public double? LearningRate { get; init; }

    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Share of the judged images that only the choice of the best pass sees.</summary>
    public double HeldOut { get; init; } = 0.15;

    /// <summary>Decides what is left to chance; the same seed gives the same head.</summary>
    public int Seed { get; init; } = 42;
}
