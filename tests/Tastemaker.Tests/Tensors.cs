namespace Tastemaker.Tests;

internal static class Tensors
{
    /// <summary>Fails with the largest difference, its place, and the first five pairs.</summary>
    /// <param name="tolerance">Largest absolute difference allowed.</param>
    public static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, float tolerance, string name)
    {
        Assert.True(expected.Length == actual.Length, $"{name}: {expected.Length} numbers expected, {actual.Length} came.");
        var (worst, at) = (0f, 0);
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = Math.Abs(expected[i] - actual[i]);
            if (!(difference <= worst)) // NaN counts as worst.
            {
                (worst, at) = (difference, i);
            }
        }

        if (!(worst <= tolerance))
        {
            var pairs = string.Join(", ", Enumerable.Range(0, Math.Min(5, expected.Length)).Zip(expected[..Math.Min(5, expected.Length)].ToArray(), actual[..Math.Min(5, actual.Length)].ToArray())
                .Select(p => $"{p.Second}/{p.Third}"));
            Assert.Fail($"{name}: {worst} apart at {at} ({expected[at]} expected, {actual[at]} came), {tolerance} allowed; first expected/actual {pairs}");
        }
    }
}
