using System.Text;
using System.Text.Json;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Library;

namespace Tastemaker.Core.Data.Embeddings;

/// <summary>Picture files, each with its caption in a <c>.txt</c> and what else is known in a <c>.json</c> of the same name beside it.</summary>
internal sealed class FileSamples(IReadOnlyList<FoundFile> files) : ISampleSource
{
    public string Name => string.Join('\n', files.Select(file => file.Path));

    public long Size => files.Sum(file => file.Size);

    public IEnumerable<Sample> Samples(Action<string, string> fail, CancellationToken cancel)
    {
        foreach (var file in files)
        {
            cancel.ThrowIfCancellationRequested();
            yield return new(file.Path, SampleTexts.Caption(Beside(file, ".txt", SampleTexts.MostCaptionBytes)),
                SampleTexts.Json(Beside(file, ".json", SampleTexts.MostJsonBytes)), 0,
                (orientation, cancel) => ImageDecoder.Decode(file.Path, orientation, cancel));
        }
    }

    private static byte[]? Beside(FoundFile file, string extension, int most)
    {
        try
        {
            var path = Path.ChangeExtension(file.Path, extension);
            return FoundFile.At(path) is { } found && found.Size <= most ? File.ReadAllBytes(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // A picture is worth its vector without its caption.
        }
    }
}

/// <summary>The texts that come with a picture.</summary>
internal static class SampleTexts
{
    public const int MostCaptionBytes = 1 << 16;
    public const int MostJsonBytes = 1 << 20;

    public static string? Caption(byte[]? bytes) => bytes is null ? null : Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF').TrimEnd('\r', '\n');

    /// <summary>An object of JSON, on one line; null for anything else.</summary>
    public static string? Json(byte[]? bytes)
    {
        if (bytes is null)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(bytes);
            return document.RootElement.ValueKind == JsonValueKind.Object ? JsonSerializer.Serialize(document.RootElement) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
