using System.Globalization;
using System.Text.Json;
using Tastemaker.Core.Platform;

namespace Tastemaker.Core.Data.Embeddings;

/// <summary>
/// A folder as clip-retrieval lays it out: <c>img_emb/img_emb_N.npy</c> with rows of vectors, <c>metadata/metadata_N.parquet</c>
/// with what the row of the same number is of, and, where they are wanted, <c>text_emb/text_emb_N.npy</c> with the vectors of the captions.
/// N has as many digits as the number of parts has.
/// </summary>
public sealed class EmbeddingFolder(string path)
{
    private const string Vectors = "img_emb", Captions = "text_emb", Metadata = "metadata", Plan = "embedding.json";

    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    internal string VectorFile(string number) => System.IO.Path.Combine(Path, Vectors, $"{Vectors}_{number}.npy");

    internal string CaptionFile(string number) => System.IO.Path.Combine(Path, Captions, $"{Captions}_{number}.npy");

    internal string MetadataFile(string number) => System.IO.Path.Combine(Path, Metadata, $"{Metadata}_{number}.parquet");

    /// <summary>The numbers of the parts that are there, as their files write them, lowest first.</summary>
    /// <exception cref="DataException">There are none.</exception>
    public IReadOnlyList<string> Parts()
    {
        const string Start = $"{Vectors}_";
        var folder = System.IO.Path.Combine(Path, Vectors);
        var numbers = !Directory.Exists(folder) ? [] : Directory.EnumerateFiles(folder, $"{Start}*.npy")
            .Select(file => System.IO.Path.GetFileNameWithoutExtension(file)[Start.Length..])
            .Where(number => number.Length is > 0 and < 10 && number.All(char.IsAsciiDigit))
            .OrderBy(number => int.Parse(number, CultureInfo.InvariantCulture)).ThenBy(number => number, StringComparer.Ordinal).ToList();
        return numbers.Count > 0 ? numbers
            : throw new DataException($"'{Path}' holds no {Vectors}/{Start}N.npy. 'taste data embed' and clip-retrieval make such folders.");
    }

    /// <summary>Part <paramref name="part"/> of <paramref name="count"/> as file names write it.</summary>
    internal static string Number(int part, int count) =>
        part.ToString(CultureInfo.InvariantCulture).PadLeft(count.ToString(CultureInfo.InvariantCulture).Length, '0');

    /// <summary>Makes the folder for this plan, or finds it begun with the same; a folder of another plan would become a mixture.</summary>
    /// <exception cref="DataException">It was begun with another plan, or by another program.</exception>
    internal void Begin(EmbeddingPlan plan)
    {
        var file = System.IO.Path.Combine(Path, Plan);
        if (!File.Exists(file))
        {
            // Another worker may have begun between the two looks.
            if (Directory.Exists(System.IO.Path.Combine(Path, Vectors)) && !File.Exists(file))
            {
                throw new DataException($"'{Path}' holds embeddings that were not begun by 'taste data embed'. Name another folder with -o.");
            }

            Directory.CreateDirectory(Path);
            try
            {
                AtomicFile.Create(file, stream => JsonSerializer.Serialize(stream, plan, Web));
            }
            catch (IOException) when (File.Exists(file))
            {
                // Another worker began with it; whether with the same plan is seen below.
            }
        }

        if (Read(file) != plan)
        {
            throw new DataException($"'{Path}' was begun with other pictures, another encoder, other parts, or with captions and not without ('{file}' says which). Name another folder with -o.");
        }

        Directory.CreateDirectory(System.IO.Path.Combine(Path, Vectors));
        Directory.CreateDirectory(System.IO.Path.Combine(Path, Metadata));
        if (plan.HasCaptions)
        {
            Directory.CreateDirectory(System.IO.Path.Combine(Path, Captions));
        }
    }

    private static EmbeddingPlan? Read(string file)
    {
        const int Longest = 1 << 16;
        try
        {
            return new FileInfo(file).Length <= Longest ? JsonSerializer.Deserialize<EmbeddingPlan>(File.ReadAllBytes(file), Web) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What makes two runs write the same parts.</summary>
/// <param name="Parts">How many there are in all.</param>
/// <param name="SourcesSha256">Over the names and sizes of what is embedded.</param>
/// <param name="HasCaptions">Whether captions have vectors too.</param>
internal sealed record EmbeddingPlan(string Encoder, string Fingerprint, int Dimensions, int Parts, string SourcesSha256, bool HasCaptions = false);
