using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tastemaker.Native;

/// <summary>
/// Finds the native libraries that this assembly's bindings import: in <c>$TASTE_NATIVE</c>, then in <c>native/</c>
/// beside the program, then among the system's. A library stays loaded until the process ends.
/// </summary>
/// <remarks>
/// A binding calls <see cref="Register"/> before its first import (a static constructor will do: it cannot throw, so that
/// the <see cref="NativeLibraryException"/> of the import reaches the caller as it is).
/// </remarks>
public static class NativeLibraries
{
    private static readonly Dictionary<string, NativeLibrarySpec> Known = new[]
    {
        NativeLibrarySpec.OnnxRuntime,
        NativeLibrarySpec.Vips,
        NativeLibrarySpec.DuckDb,
    }.ToDictionary(spec => spec.Name);

    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, (nint Handle, LoadedLibrary Library)> Open = [];

    static NativeLibraries() => NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, Resolve);

    /// <summary>Loads a library, or says which one is loaded already.</summary>
    /// <param name="name"><c>onnxruntime</c>, <c>vips</c> or <c>duckdb</c>.</param>
    /// <exception cref="NativeLibraryException">It is nowhere to be found, does not load, or is too old.</exception>
    public static LoadedLibrary Load(string name)
    {
        if (!Known.TryGetValue(name, out var spec))
        {
            throw new ArgumentException(
                $"'{name}' is not one of the native libraries {string.Join(", ", Known.Keys)}.", nameof(name));
        }

        return OpenOnce(spec).Library;
    }

    /// <summary>Makes the imports of this assembly come through here.</summary>
    internal static void Register() => RuntimeHelpers.RunClassConstructor(typeof(NativeLibraries).TypeHandle);

    /// <summary>Loads the first library that <paramref name="spec"/> accepts, from the folders in order, then from the system.</summary>
    internal static (nint Handle, LoadedLibrary Library) Find(NativeLibrarySpec spec, IReadOnlyList<string> folders)
    {
        var refused = new List<string>();
        var files = folders.Where(Directory.Exists).SelectMany(folder => spec.FilePatterns.SelectMany(pattern =>
            Directory.EnumerateFiles(folder, pattern).OrderDescending(StringComparer.Ordinal)));
        foreach (var candidate in files.Concat(spec.SystemNames))
        {
            nint handle;
            try
            {
                handle = NativeLibrary.Load(candidate);
            }
            catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
            {
                if (Path.IsPathFullyQualified(candidate))
                {
                    refused.Add($"'{candidate}' does not load: {e.Message.ReplaceLineEndings(" ").Trim()}");
                }

                continue;
            }

            if (spec.VersionOf(handle) is not { } version)
            {
                refused.Add($"'{candidate}' has not the functions of {spec.Title}");
            }
            else if (version < spec.Oldest)
            {
                refused.Add($"'{candidate}' is version {version}");
            }
            else
            {
                return (handle, new LoadedLibrary(spec.Name, PathOf(candidate), version));
            }

            NativeLibrary.Free(handle);
        }

        throw Missing(spec, folders, refused);
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? paths) =>
        Known.TryGetValue(name, out var spec) ? OpenOnce(spec).Handle : 0;

    private static (nint Handle, LoadedLibrary Library) OpenOnce(NativeLibrarySpec spec)
    {
        lock (Gate)
        {
            if (!Open.TryGetValue(spec.Name, out var entry))
            {
                entry = Open[spec.Name] = Find(spec, Folders());
            }

            return entry;
        }
    }

    private static string[] Folders()
    {
        var beside = Path.Combine(AppContext.BaseDirectory, "native");
        return Environment.GetEnvironmentVariable("TASTE_NATIVE") is { Length: > 0 } own
            ? [Path.GetFullPath(own), beside]
            : [beside];
    }

    /// <summary>A library that was asked for by its bare name: where the system took it from, if it tells.</summary>
    private static string PathOf(string candidate)
    {
        if (Path.IsPathFullyQualified(candidate))
        {
            return candidate;
        }

        using var process = Process.GetCurrentProcess();
        return process.Modules.Cast<ProcessModule>().Select(module => module.FileName)
            .FirstOrDefault(file => Path.GetFileName(file).StartsWith(candidate, StringComparison.OrdinalIgnoreCase)) ?? candidate;
    }

    private static NativeLibraryException Missing(NativeLibrarySpec spec, IReadOnlyList<string> folders, List<string> refused)
    {
        var patterns = string.Join(" or ", spec.FilePatterns.Select(pattern => $"'{pattern}'"));
        var names = string.Join(" or ", spec.SystemNames.Select(name => $"'{name}'"));
        var places = string.Join(" and ", folders.Select(folder => $"'{folder}'"));
        var reasons = string.Concat(refused.Select(reason => $" {reason}."));
        return new NativeLibraryException(spec.Name,
            $"{spec.Title} {spec.Oldest} or later is needed and was not found: looked for {patterns} in {places}, "
            + $"then for {names} among the system's libraries.{reasons} {spec.Remedy}");
    }
}

/// <summary>A native library of this process: the name it is imported by, the file, the version that it states.</summary>
public sealed record LoadedLibrary(string Name, string Path, Version Version);

/// <summary>
/// A native library is missing, does not load, or is too old; the message says where it was looked for and what to do.
/// </summary>
public sealed class NativeLibraryException(string library, string message) : Exception(message)
{
    /// <summary>The name that the library is imported by, such as <c>vips</c>.</summary>
    public string Library { get; } = library;
}
