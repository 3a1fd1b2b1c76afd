using Tastemaker.Core.Benchmarks;
using Tastemaker.Core.Models;
using Tastemaker.Core.Painting;
using Tastemaker.Core.Painting.Diffusion;
using Tastemaker.Nets.Graph;

namespace Tastemaker.Tests.Core.Painting;

/// <summary>A single file of random weights with a vocabulary beside it, which paints in milliseconds: two pixels for each latent.</summary>
internal sealed class TinyCheckpoint : IDisposable
{
    public const string LastOfDecoder = "first_stage_model.decoder.conv_out.weight";

    private readonly TempFolder _folder = new();
    private readonly ModelStore _store;

    public TinyCheckpoint(bool isSd2 = false, Action<RandomDiffusion>? change = null)
    {
        var made = RandomDiffusion.Tiny(isSd2);
        change?.Invoke(made);
        made.Write(Path, ElementType.F32);
        _store = new(_folder["models"], TimeProvider.System);
        PutVocabulary(_folder.Path);
    }

    public TempFolder Folder => _folder;

    public string Path => _folder["tiny.safetensors"];

    /// <summary>With one weight that is the same number everywhere.</summary>
    public static TinyCheckpoint Filled(string weight, float number) => new(change: made =>
    {
        var at = made.Entries.FindIndex(entry => entry.Name == weight);
        made.Entries[at] = made.Entries[at] with { Fill = number };
    });

    public static void PutVocabulary(string folder)
    {
        foreach (var name in new[] { "vocab.json", "merges.txt" })
        {
            File.Copy(System.IO.Path.Combine(Goldens.Own, "tokenizer_tiny", name), System.IO.Path.Combine(folder, name));
        }
    }

    public Painter Open(DiffusionOptions? options = null) => Painter.Open(Path, options ?? new(), _store, TestContext.Current.CancellationToken);

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }
}
