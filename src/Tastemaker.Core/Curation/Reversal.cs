using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;

namespace Tastemaker.Core.Curation;

/// <summary>
/// Takes one operation back, whether it was done, was about to be, or was cut off in the middle: what is on the disk decides.
/// A file is deleted only where the same content remains at its origin.
/// </summary>
internal static class Reversal
{
    /// <exception cref="IOException">Something would be lost or overwritten; nothing was changed.</exception>
    public static void Of(Operation operation, CancellationToken cancel)
    {
        File.Delete(operation.Aside);
        var (from, to) = (operation.Step.From, operation.Step.To);
        if (!Path.Exists(to) && new FileInfo(to).LinkTarget is null)
        {
            if (operation.Kind == PlaceKind.Move && !File.Exists(from))
            {
                throw new IOException($"it is gone, and '{from}', where it came from, has nothing either.");
            }

            return;
        }

        if (operation.Kind == PlaceKind.Move)
        {
            MoveBack(operation, cancel);
        }
        else
        {
            Remove(operation, cancel);
        }
    }

    private static void MoveBack(Operation operation, CancellationToken cancel)
    {
        var (from, to) = (operation.Step.From, operation.Step.To);
        if (Path.Exists(from))
        {
            // A move to another volume that was cut off after the copy and before the deletion.
            if (!FileHash.IsSameContent(from, to, cancel))
            {
                throw new IOException($"it stays: its old name '{from}' is taken by another content. Rename one of them.");
            }

            File.Delete(to);
            return;
        }

        // What was planned, and never noted as done, is ours only if it is the file that was planned.
        if (!operation.IsDone && !IsUntouched(to, operation))
        {
            throw new IOException($"it stays: it is not the file that was to come from '{from}', which is gone.");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(from)!);
        var aside = Path.Combine(Path.GetDirectoryName(from)!, Path.GetFileName(operation.Aside));
        File.Delete(aside);
        FilePlacing.Move(to, from, aside, cancel);
    }

    private static void Remove(Operation operation, CancellationToken cancel)
    {
        var (from, to) = (operation.Step.From, operation.Step.To);
        if (new FileInfo(to).LinkTarget is { } target)
        {
            if (target != from)
            {
                throw new IOException($"it stays: it is a link to '{target}', not the one to '{from}' that was made.");
            }

            File.Delete(to);
            return;
        }

        if (!File.Exists(from))
        {
            throw new IOException($"it stays: '{from}', which it came from, is gone, and this may be the last one.");
        }

        if (!(IsUntouched(from, operation) && IsUntouched(to, operation)) && !FileHash.IsSameContent(from, to, cancel))
        {
            throw new IOException($"it stays: it and '{from}', which it came from, differ now, so one of them was changed. "
                + "Delete it by hand if it is not wanted.");
        }

        File.Delete(to);
    }

    private static bool IsUntouched(string path, Operation operation) =>
        FoundFile.At(path) is { } file && file.Size == operation.Step.Placed.Size && file.ModifiedNs == operation.Step.Placed.ModifiedNs;
}
