using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tastemaker.Core.Imaging.Metadata;

namespace Tastemaker.Core.Curation.Tags;

/// <summary>
/// A trainer's metadata file: <c>{"KEY": {"caption": "…", "tags": "a, b"}, …}</c> as sd-scripts' merge scripts write it, where KEY is an
/// image's path, with or without its extension, or its name without extension.
/// </summary>
public static class CaptionTable
{
    private const int MostBytes = 1 << 29;

    private static readonly JavaScriptEncoder Plain = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>What becomes of the file: only the value of <c>tags</c> changes, and only at its front; an entry without one gets it.</summary>
    /// <param name="changes">By the image's absolute path.</param>
    /// <param name="missing">Gets the images that have no entry.</param>
    /// <exception cref="CurationException">It is not such a file.</exception>
    public static IReadOnlyList<Splice> Plan(Stream file, IReadOnlyDictionary<string, TagChange> changes, ICollection<string> missing)
    {
        if (file.Length > MostBytes)
        {
            throw new CurationException($"has {file.Length} bytes; at most {MostBytes} were wanted.");
        }

        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        var keys = Keys(changes.Keys);
        var (splices, found) = (new List<Splice>(), new HashSet<string>());
        var start = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        var reader = new Utf8JsonReader(bytes.AsSpan(start), new() { CommentHandling = JsonCommentHandling.Skip });
        try
        {
            Demand(reader.Read() && reader.TokenType == JsonTokenType.StartObject);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var key = reader.GetString()!;
                Demand(reader.Read());
                if (keys.GetValueOrDefault(Normal(key)) is { } image && reader.TokenType == JsonTokenType.StartObject)
                {
                    found.Add(image);
                    Entry(ref reader, bytes, start, changes[image], splices);
                }
                else
                {
                    reader.Skip();
                }
            }
        }
        catch (JsonException e)
        {
            throw new CurationException($"is no metadata file of a trainer: {e.Message}");
        }

        foreach (var image in changes.Keys.Where(image => !found.Contains(image)))
        {
            missing.Add(image);
        }

        return splices;
    }

    private static void Entry(ref Utf8JsonReader reader, byte[] bytes, int start, TagChange change, List<Splice> splices)
    {
        var (open, isEmpty, hasTags) = (start + (int)reader.BytesConsumed, true, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            isEmpty = false;
            var isTags = reader.ValueTextEquals("tags");
            Demand(reader.Read());
            if (isTags && reader.TokenType == JsonTokenType.String && !hasTags)
            {
                hasTags = true;
                var at = start + (int)reader.TokenStartIndex + 1;
                var line = Encoding.UTF8.GetString(bytes, at, reader.ValueSpan.Length);
                var wanted = TagLine.With(line, change.Own.Select(Written).ToHashSet(StringComparer.Ordinal), [.. change.Tags.Select(Written)]);
                if (wanted != line)
                {
                    splices.Add(new(at, bytes.AsMemory(at, reader.ValueSpan.Length), Encoding.UTF8.GetBytes(wanted)));
                }
            }
            else
            {
                reader.Skip();
            }
        }

        if (!hasTags && change.Tags.Count > 0)
        {
            var tags = Written(string.Join(", ", change.Tags));
            splices.Add(new(open, default, Encoding.UTF8.GetBytes($"\"tags\": \"{tags}\"{(isEmpty ? "" : ", ")}")));
        }
    }

    /// <summary>Every way to name an image, where it names one image only.</summary>
    private static Dictionary<string, string?> Keys(IEnumerable<string> images)
    {
        var keys = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var image in images)
        {
            foreach (var key in new[] { image, Path.ChangeExtension(image, null), Path.GetFileName(image), Path.GetFileNameWithoutExtension(image) }.Select(Normal).Distinct())
            {
                keys[key] = keys.ContainsKey(key) ? null : image;
            }
        }

        return keys;
    }

    private static string Normal(string key) => key.Replace('\\', '/');

    private static string Written(string tag) => JsonEncodedText.Encode(tag, Plain).Value;

    private static void Demand(bool isWanted)
    {
        if (!isWanted)
        {
            throw new CurationException("is no metadata file of a trainer: one object with an object for each image was wanted.");
        }
    }
}
