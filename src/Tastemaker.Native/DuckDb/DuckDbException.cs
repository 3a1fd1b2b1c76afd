using System.Runtime.InteropServices;

namespace Tastemaker.Native.DuckDb;

/// <summary>DuckDB refused: a file that it cannot read, a statement, too little memory. The message is the first line of its own.</summary>
public sealed class DuckDbException(string message) : Exception(message)
{
    internal static DuckDbException Of(nint utf8) => new(FirstLine(Marshal.PtrToStringUTF8(utf8)));

    /// <summary>Of a CSV error DuckDB goes on with all settings of its reader, which are ours.</summary>
    private static string FirstLine(string? said)
    {
        const int Longest = 500;
        var line = (said ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault() ?? "no reason given";
        return line.Length <= Longest ? line : $"{line[..Longest]}…";
    }
}
