using System.Diagnostics;

namespace Tastemaker.Native;

/// <summary>How many native objects of ours exist, counted in Debug builds for the tests that look for leaks.</summary>
internal static class LiveHandles
{
    private static int _count;

    public static int Count => Volatile.Read(ref _count);

    [Conditional("DEBUG")]
    public static void Opened() => Interlocked.Increment(ref _count);

    [Conditional("DEBUG")]
    public static void Closed() => Interlocked.Decrement(ref _count);
}
