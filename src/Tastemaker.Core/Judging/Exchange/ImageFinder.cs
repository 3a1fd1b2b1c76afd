using Tastemaker.Core.Imaging;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;

namespace Tastemaker.Core.Judging.Exchange;

/// <summary>
/// Finds the images that a file of judgements names: by content id, by path from the file's folder, by path from a root, and, where
/// that is asked for, by file name alone. Images that the studio does not have enter it.
/// </summary>
/// <param name="folders">From which paths are looked up, the first first.</param>
internal sealed class ImageFinder(ImageLibrary library, IReadOnlyList<string> folders, IProgress<Progress>? progress)
{
    private const int Batch = 256;

    private readonly Dictionary<ImageName, long> _found = [];
    private readonly List<Failure> _failures = [];

    public IReadOnlyList<Failure> Failures => _failures;

    /// <summary>The image of that name; null where <see cref="Failures"/> says why not.</summary>
    public long? this[ImageName name] => _found.TryGetValue(name, out var image) ? image : null;

    /// <param name="byFileName">Whether a name that is no path may be found at any depth.</param>
    public void Find(IEnumerable<ImageName> names, bool byFileName, CancellationToken cancel)
    {
        var files = new List<(ImageName Name, FoundFile File)>();
        var index = byFileName ? new Lazy<ILookup<string, FoundFile>>(() => Index(cancel)) : null;
        foreach (var name in names.Distinct())
        {
            cancel.ThrowIfCancellationRequested();
            if (name.ContentId is { } id && library.Find(Convert.FromHexString(id)) is { } image)
            {
                _found[name] = image;
            }
            else if (FileOf(name, index) is { } file)
            {
                files.Add((name, file));
            }
        }

        Bring(files, cancel);
    }

    /// <summary>Looks at every file; those that are not as the studio knows them are read.</summary>
    public void Bring(IReadOnlyList<(ImageName Name, FoundFile File)> files, CancellationToken cancel)
    {
        var known = library.Recognise([.. files.Select(f => f.File)], cancel);
        var unread = new List<(ImageName Name, FoundFile File)>();
        foreach (var (file, image) in files.Zip(known))
        {
            if (image is null)
            {
                unread.Add(file);
            }
            else
            {
                Keep(file.Name, image.Id, image.ContentId);
            }
        }

        var done = 0;
        foreach (var batch in unread.Chunk(Batch))
        {
            var read = batch.AsParallel().AsOrdered().WithCancellation(cancel).Select(f => (f.Name, f.File, Read: Read(f.File, cancel))).ToList();
            var whole = read.Where(r => r.Read.Image is not null).ToList();
            foreach (var (one, image) in whole.Zip(library.Add([.. whole.Select(r => r.Read.Image!)])))
            {
                Keep(one.Name, image, one.Read.Image!.ContentId);
            }

            _failures.AddRange(read.Where(r => r.Read.Image is null).Select(r => new Failure(r.File.Path, r.Read.Reason)));
            progress?.Report(new("reading images", done += batch.Length, unread.Count));
        }
    }

    private void Keep(ImageName name, long image, byte[] contentId)
    {
        if (name.ContentId is { } wanted && wanted != Convert.ToHexStringLower(contentId))
        {
            _failures.Add(new(name.Shown, $"holds another picture than the one that was judged ({wanted[..12]}…)."));
            return;
        }

        _found[name] = image;
    }

    private static (ReadImage? Image, string Reason) Read(FoundFile file, CancellationToken cancel)
    {
        try
        {
            var contentId = ContentId.Of(file.Path, cancel);
            var header = ImageDecoder.Inspect(file.Path);
            return (new(file, contentId, header.Width, header.Height, $"{header.Format}".ToLowerInvariant()), "");
        }
        catch (Exception e) when (e is ImageException or IOException or UnauthorizedAccessException)
        {
            return (null, e.Message);
        }
    }

    private FoundFile? FileOf(ImageName name, Lazy<ILookup<string, FoundFile>>? index)
    {
        try
        {
            var file = Candidates(name.Path).Select(FoundFile.At).FirstOrDefault(f => f is not null);
            var byName = file is null && index is not null ? index.Value[Path.GetFileName(Slashed(name.Path))].ToList() : [];
            if (file is { Size: 0 })
            {
                _failures.Add(new(Text.Shown(name.Shown), "is empty, or not a regular file."));
                return null;
            }

            if ((file ?? (byName.Count == 1 ? byName[0] : null)) is { } found)
            {
                return found;
            }

            _failures.Add(new(Text.Shown(name.Shown), byName.Count > 1
                ? $"could be {byName.Count} files, '{byName[0].Path}' and '{byName[1].Path}' among them. Write more of its path."
                : $"is not there, looked for from {string.Join(" and ", folders.Select(f => $"'{f}'"))}. '--root' names another folder."));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            _failures.Add(new(Text.Shown(name.Shown), e.Message));
        }

        return null;
    }

    /// <summary>The path itself, then with every backslash as a separator, from each folder.</summary>
    private IEnumerable<string> Candidates(string path) => path.Length == 0 || path.Contains('\0', StringComparison.Ordinal)
        ? []
        : new[] { path, Slashed(path) }.Distinct().SelectMany(p => folders.Select(folder => Path.GetFullPath(p, folder)));

    private static string Slashed(string path) => path.Replace('\\', '/');

    private ILookup<string, FoundFile> Index(CancellationToken cancel) =>
        FolderScan.Run(folders, TextReader.Null, cancel: cancel).Done.ToLookup(f => Path.GetFileName(f.Path), StringComparer.Ordinal);
}
