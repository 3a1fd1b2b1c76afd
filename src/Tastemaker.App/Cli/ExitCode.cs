namespace Tastemaker.App.Cli;

/// <summary>What a command's exit says to scripts.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>It ran, and the answer is no or some items failed.</summary>
    public const int SomeFailed = 1;

    /// <summary>It could not run: bad usage, a missing model, an unreadable studio.</summary>
    public const int CouldNotRun = 2;

    public const int Cancelled = 130;
}
