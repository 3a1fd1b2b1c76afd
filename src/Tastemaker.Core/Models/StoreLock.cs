namespace Tastemaker.Core.Models;

/// <summary>
/// One model changes by one process at a time: a file that is held open alone while it does. The system lets go of it when the process ends,
/// however it ends.
/// </summary>
internal sealed class StoreLock : IDisposable
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);

    private readonly FileStream _held;

    private StoreLock(FileStream held)
    {
        _held = held;
    }

    /// <summary>Waits for it; <paramref name="waiting"/> is told once if another has it.</summary>
    public static StoreLock Take(string path, Action waiting, TimeProvider time, CancellationToken cancel)
    {
        for (var told = false; ; told = true)
        {
            if (TryTake(path) is { } taken)
            {
                return taken;
            }

            if (!told)
            {
                waiting();
            }

            Task.Delay(Between, time, cancel).GetAwaiter().GetResult();
        }
    }

    public static StoreLock? TryTake(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return new(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ModelException($"'{path}' cannot be written: {e.Message}", e);
        }
        catch (IOException e) when (IsHeld(e))
        {
            return null;
        }
        catch (IOException e)
        {
            throw PartFile.CannotWrite(path, e);
        }
    }

    public void Dispose() => _held.Dispose();

    private static bool IsHeld(IOException e)
    {
        const int LinuxWouldBlock = 11;
        const int MacWouldBlock = 35;
        const int WindowsSharingViolation = unchecked((int)0x80070020);
        return e.HResult is LinuxWouldBlock or MacWouldBlock or WindowsSharingViolation;
    }
}
