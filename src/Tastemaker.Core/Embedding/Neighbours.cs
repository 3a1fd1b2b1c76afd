using Tastemaker.Nets.Heads;

namespace Tastemaker.Core.Embedding;

/// <summary>The images whose features point the same way as those of one image.</summary>
public static class Neighbours
{
    /// <summary>Looks at every vector once, in place.</summary>
    /// <returns>The most alike first, itself left out; empty for an image without a vector.</returns>
    public static IReadOnlyList<Neighbour> Of(VectorStore vectors, long image, int count, CancellationToken cancel)
    {
        if (vectors.Read([image])[0] is not { } features)
        {
            return [];
        }

        // A head that points along the unit vector scores each image with the cosine.
        var length = Math.Sqrt(features.Sum(f => (double)f * f));
        var direction = new AffineHead([.. features.Select(f => length > 0 ? (float)(f / length) : 0)], Bias: 0);
        var nearest = new PriorityQueue<Neighbour, double>();
        using var rows = vectors.Rows();
        foreach (var run in rows.Runs())
        {
            cancel.ThrowIfCancellationRequested();
            var cosines = new float[run.Count];
            direction.Score(rows.Bytes(run), rows.Stride, cosines);
            for (var i = 0; i < run.Count; i++)
            {
                if (rows.ImageId(run.First + i) != image)
                {
                    Keep(nearest, new(rows.ImageId(run.First + i), cosines[i]), count);
                }
            }
        }

        return [.. nearest.UnorderedItems.Select(item => item.Element).OrderByDescending(n => n.Similarity).ThenBy(n => n.ImageId)];
    }

    private static void Keep(PriorityQueue<Neighbour, double> nearest, Neighbour neighbour, int count)
    {
        if (nearest.Count < count)
        {
            nearest.Enqueue(neighbour, neighbour.Similarity);
        }
        else
        {
            nearest.EnqueueDequeue(neighbour, neighbour.Similarity);
        }
    }
}

/// <param name="Similarity">Cosine of the two vectors, −1 to 1.</param>
public readonly record struct Neighbour(long ImageId, double Similarity);
