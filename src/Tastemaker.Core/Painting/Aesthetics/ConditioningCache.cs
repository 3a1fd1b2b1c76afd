using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Tastemaker.Core.Platform;
using Tastemaker.Nets.StableDiffusion;
using Tastemaker.Nets.Weights;

namespace Tastemaker.Core.Painting.Aesthetics;

/// <summary>
/// Prompts that were drawn already, a file each, found by everything that shaped them. Read only where the file is what was written; the files
/// used longest ago go when together they are too large. Safe to use from several processes.
/// </summary>
/// <param name="folder">Made when the first one is kept.</param>
/// <param name="mostBytes">Of all files together.</param>
public sealed class ConditioningCache(string folder, TimeProvider time, long mostBytes = 256L << 20)
{
    private const string States = "states", Cosines = "cosines", Key = "key", Sum = "sha256", Extension = ".safetensors";

    /// <summary>What was kept under a key; null where nothing was, or where it was damaged since.</summary>
    internal Conditioning? Find(string key)
    {
        const long LargestFile = 64 << 20;
        try
        {
            var file = new FileInfo(PathOf(key));
            if (!file.Exists || file.Length > LargestFile)
            {
                return null;
            }

            var checkpoint = Checkpoint.Open(ByteSource.Of(File.ReadAllBytes(file.FullName)));
            if (checkpoint.Metadata.GetValueOrDefault(Key) != key || !checkpoint.Tensors.ContainsKey(States) || !checkpoint.Tensors.ContainsKey(Cosines))
            {
                return null;
            }

            var found = new Conditioning(checkpoint.Floats(States), checkpoint.Floats(Cosines));
            if (checkpoint.Metadata.GetValueOrDefault(Sum) != SumOf(found))
            {
                return null;
            }

            File.SetLastWriteTimeUtc(file.FullName, time.GetUtcNow().UtcDateTime);
            return found;
        }
        catch (Exception e) when (e is WeightException or IOException or UnauthorizedAccessException)
        {
            return null; // It is drawn again.
        }
    }

    /// <summary>Keeps what was drawn; where that is not possible, it is drawn again next time.</summary>
    internal void Keep(string key, Conditioning drawn)
    {
        try
        {
            Directory.CreateDirectory(folder);
            AtomicFile.Replace(PathOf(key), stream => SafeTensors.Write(
                stream,
                [TensorData.Of(States, new(drawn.States.Length), drawn.States), TensorData.Of(Cosines, new(drawn.Cosines.Length), drawn.Cosines)],
                new Dictionary<string, string> { [Key] = key, [Sum] = SumOf(drawn) }));
            File.SetLastWriteTimeUtc(PathOf(key), time.GetUtcNow().UtcDateTime);
            Prune();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return;
        }
    }

    private void Prune()
    {
        var sum = 0L;
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles($"*{Extension}").OrderByDescending(f => f.LastWriteTimeUtc).ThenBy(f => f.Name, StringComparer.Ordinal))
        {
            sum += file.Length;
            if (sum > mostBytes)
            {
                file.Delete();
            }
        }
    }

    private static string SumOf(Conditioning c) => Convert.ToHexStringLower(SHA256.HashData([.. MemoryMarshal.AsBytes<float>(c.States), .. MemoryMarshal.AsBytes<float>(c.Cosines)]));

    private string PathOf(string key) => Path.Combine(folder, key + Extension);
}

/// <summary>One prompt as it was drawn.</summary>
/// <param name="States">[tokens, width], what the UNet reads.</param>
/// <param name="Cosines">To the target, before each step and after the last.</param>
internal sealed record Conditioning(float[] States, float[] Cosines);

/// <summary>Everything that shapes a prompt's conditioning.</summary>
/// <param name="Tower">Fingerprint of the text tower that is drawn.</param>
/// <param name="Plain">Fingerprint of the checkpoint's own.</param>
/// <param name="Towers">What the two are.</param>
/// <param name="Target">Hash of the aesthetic's vector.</param>
/// <param name="Ids">The prompt.</param>
/// <param name="TextIds">The text that turns the aesthetic; empty without one.</param>
internal sealed record ConditioningKey(
    string Tower, string Plain, (TextEncoder.Config Drawn, TextEncoder.Config Plain) Towers, string Target, AestheticSettings Settings, int ClipSkip, string Precision, string Device,
    IReadOnlyList<long> Ids, IReadOnlyList<long> TextIds)
{
    private const int Version = 1; // Of what is computed from all this.

    /// <summary>SHA-256, in lower-case hex.</summary>
    public string Hash() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(
        '|', Version, Tower, Plain, Towers, Target, Settings.ToJson(), ClipSkip, Precision, Device, string.Join(',', Ids), string.Join(',', TextIds)))));
}
