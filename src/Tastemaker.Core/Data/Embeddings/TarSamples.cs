using Tastemaker.Core.Data.Tars;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Library;

namespace Tastemaker.Core.Data.Embeddings;

/// <summary>
/// The samples of a webdataset tar: members in a row whose names are the same up to the first dot of the file name. Members that are
/// links, would climb out of a folder, or are larger than any picture are named and passed over; nothing is written to the disk.
/// </summary>
internal sealed class TarSamples(string path) : ISampleSource
{
    private const int MostPictureBytes = 256 << 20;

    private readonly FileInfo _file = new(path);

    public string Name => _file.Name;

    public long Size => _file.Length;

    public IEnumerable<Sample> Samples(Action<string, string> fail, CancellationToken cancel)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1 << 16);
        var tar = new TarReader(stream);
        var gathered = new Gathered("");
        while (Next(tar, fail) is { } entry)
        {
            cancel.ThrowIfCancellationRequested();
            if (entry.IsFolder || !IsWelcome(entry, fail))
            {
                continue;
            }

            var (key, extension) = Split(entry.Name);
            if (key != gathered.Key)
            {
                if (gathered.Sample() is { } whole)
                {
                    yield return whole;
                }

                gathered = new(key);
            }

            Take(tar, entry, extension, gathered, fail);
        }

        if (gathered.Sample() is { } last)
        {
            yield return last;
        }
    }

    private TarEntry? Next(TarReader tar, Action<string, string> fail)
    {
        try
        {
            return tar.Next();
        }
        catch (DataException e)
        {
            fail(path, $"{e.Message} What came before is kept.");
            return null;
        }
    }

    private bool IsWelcome(TarEntry entry, Action<string, string> fail)
    {
        var why = !entry.IsFile ? "is a link or a device, not a file"
            : entry.Name.StartsWith('/') || entry.Name.Contains('\\', StringComparison.Ordinal) || entry.Name.Split('/').Contains("..") ? "would climb out of its folder"
            : entry.Name.Any(char.IsControl) ? "has a name with control characters"
            : null;
        if (why is not null)
        {
            fail($"{path}#{Shown(entry.Name)}", $"it {why}; it is passed over.");
        }

        return why is null;
    }

    private void Take(TarReader tar, TarEntry entry, string extension, Gathered into, Action<string, string> fail)
    {
        try
        {
            switch (extension)
            {
                case "txt":
                    into.Caption = tar.Read(SampleTexts.MostCaptionBytes);
                    break;
                case "json":
                    into.Json = tar.Read(SampleTexts.MostJsonBytes);
                    break;
                case var _ when FolderScan.Extensions.Contains(extension):
                    into.Picture ??= tar.Read(MostPictureBytes);
                    break;
            }
        }
        catch (DataException e)
        {
            fail($"{path}#{Shown(entry.Name)}", e.Message);
        }
    }

    /// <summary>What stands before the first dot of the file name, folders included, and the last extension.</summary>
    private static (string Key, string Extension) Split(string name)
    {
        name = name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
        var dot = name.IndexOf('.', name.LastIndexOf('/') + 1);
        return dot < 0 ? (name, "") : (name[..dot], name[(name.LastIndexOf('.') + 1)..].ToLowerInvariant());
    }

    private static string Shown(string name)
    {
        const int Longest = 80;
        return string.Concat((name.Length <= Longest ? name : $"{name[..Longest]}…").Select(c => char.IsControl(c) ? '?' : c));
    }

    private sealed class Gathered(string key)
    {
        public string Key => key;

        public byte[]? Picture { get; set; }

        public byte[]? Caption { get; set; }

        public byte[]? Json { get; set; }

        public Sample? Sample() => Picture is not { } picture ? null
            : new(key, SampleTexts.Caption(Caption), SampleTexts.Json(Json), picture.Length, (orientation, cancel) => ImageDecoder.Decode(picture, orientation, cancel));
    }
}
