using Microsoft.Win32.SafeHandles;
using Tastemaker.Core.Models;
using Tastemaker.Native;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Painting.Diffusion;

/// <summary>
/// Reads every weight once, about as fast as the disk gives them. What a damaged one makes need not be NaN: activations turn NaN into numbers, and
/// into a picture that is merely wrong.
/// </summary>
internal static class WeightCheck
{
    private const int BlockBytes = 1 << 20;

    /// <param name="path">How the user calls the checkpoint.</param>
    /// <exception cref="ModelException">A weight has NaN or infinity.</exception>
    public static void Demand(string path, StoredNetwork network, CancellationToken cancel)
    {
        using var file = File.OpenHandle(network.File.Path); // Not through the mapping, whose pages would count as memory in use.
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancel };
        var damaged = new StoredTensor?[network.Weights.Count];
        Parallel.ForEach(network.Weights.Values.OrderBy(t => t.Offset), options, (tensor, _, index) =>
            damaged[index] = IsFinite(file, network.File, tensor, cancel) ? null : tensor);
        if (Array.Find(damaged, t => t is not null) is { } first)
        {
            throw new ModelException(
                $"'{Path.GetFullPath(path)}' cannot paint: '{first.Name}' has NaN or infinity in it; every weight is a number. The file is damaged, or its training or merging failed.");
        }
    }

    private static bool IsFinite(SafeFileHandle file, MappedFile mapped, StoredTensor tensor, CancellationToken cancel)
    {
        if (tensor.Strides is not null)
        {
            return Array.TrueForAll(tensor.Floats(new(mapped.Length, mapped.Read)), float.IsFinite);
        }

        var block = new byte[Math.Min(BlockBytes, tensor.Bytes)];
        for (var done = 0L; done < tensor.Bytes; done += block.Length)
        {
            cancel.ThrowIfCancellationRequested();
            var part = block.AsSpan(0, (int)Math.Min(block.Length, tensor.Bytes - done));
            if (RandomAccess.Read(file, part, tensor.Offset + done) != part.Length || !FiniteNumbers.Are(part, tensor.Type))
            {
                return false;
            }
        }

        return true;
    }
}
