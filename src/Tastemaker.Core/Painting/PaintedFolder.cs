using Tastemaker.Core.Imaging;
using Tastemaker.Core.Imaging.Generation;
using Tastemaker.Core.Platform;

namespace Tastemaker.Core.Painting;

/// <summary>Where painted pictures go: each a PNG with its infotext, whole under its name or not there at all. What is there is never overwritten.</summary>
public sealed class PaintedFolder
{
    private readonly PaintNames _names;
    private readonly TimeProvider _time;

    /// <summary>Makes the folder where there is none.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public PaintedFolder(string path, PaintNames names, TimeProvider time)
    {
        (Path, _names, _time) = (System.IO.Path.GetFullPath(path), names, time);
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    /// <param name="about">Told the path before anything is written.</param>
    /// <returns>The file's full path.</returns>
    /// <exception cref="PaintException">It cannot be written, as when the disk is full; nothing of it stays.</exception>
    public string Write(Painted painted, Infotext infotext, Action<string> about)
    {
        var png = ImageWriter.Png(painted.Picture, new Dictionary<string, string?> { ["parameters"] = infotext.ToString() });
        var stem = _names.For(painted.Request, Curation.Chad.NextSequence(Path), _time.GetLocalNow());
        for (var number = 1; ; number++)
        {
            var file = System.IO.Path.Combine(Path, number == 1 ? $"{stem}.png" : $"{stem}-{number}.png");
            if (System.IO.Path.Exists(file))
            {
                continue;
            }

            try
            {
                about(file);
                AtomicFile.Create(file, stream => stream.Write(png));
                return file;
            }
            catch (IOException) when (System.IO.Path.Exists(file))
            {
                // Another process took the name meanwhile.
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new PaintException($"'{file}' cannot be written: {e.Message.TrimEnd('.')}. Pictures that were finished before stay.", e);
            }
        }
    }
}
