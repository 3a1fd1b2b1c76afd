using Tastemaker.Core.Benchmarks;
using Tastemaker.Core.Models;
using Tastemaker.Core.Painting;
using Tastemaker.Core.Painting.Diffusion;
using Tastemaker.Nets.Graph;

namespace Tastemaker.Tests.Core.Painting;

/// <summary>A single file of random weights with a vocabulary beside it, which paints in milliseconds: two pixels for each latent.</summary>
internal sealed class TinyCheckpoint : IDisposable
{
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
