using Tastemaker.Nets.Graph;

namespace Tastemaker.Nets.Training;

/// <summary>What a network is trained to make small, each a single number.</summary>
public static class Losses
{
    extension(Node prediction)
    {
        /// <summary>mean (prediction − target)², torch's MSELoss.</summary>
        public Node MeanSquaredError(Node target)
        {
            var error = prediction.Sub(target);
            return error.Mul(error).Mean();
        }

        /// <summary>
        /// mean max(0, margin − sign · (prediction − other)), torch's MarginRankingLoss: how far each better one is from scoring by the
        /// margin more than the worse one.
        /// </summary>
        /// <param name="sign">1 where the first is the better one, -1 where the second is; null where the first always is.</param>
        public Node MarginRanking(Node other, Node? sign, double margin)
        {
            var lead = prediction.Sub(other);
            var shortfall = (sign is null ? lead : sign.Mul(lead)).Neg().Add(margin);
            return shortfall.Max(Arithmetic.Scalar(shortfall.Type, 0)).Mean();
        }

        /// <summary>
        /// For each row the product of its direction with a target, [N, width] and [width] → [N]: its cosine to the target where that has length 1.
        /// </summary>
        public Node Along(Node target)
        {
            var length = prediction.Mul(prediction).Sum(1).Sqrt();
            return prediction.Mul(target).Sum(1).Div(length);
        }
    }
}
