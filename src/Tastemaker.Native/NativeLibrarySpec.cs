using System.Runtime.InteropServices;

namespace Tastemaker.Native;

/// <summary>What a native library is called on this system, and from which version on it serves.</summary>
/// <param name="Name">The name that imports give.</param>
/// <param name="Title">The name that people know.</param>
/// <param name="Oldest">The oldest version that has every function we call.</param>
/// <param name="FilePatterns">File names to look for in folders of our own, best first.</param>
/// <param name="SystemNames">Names that the system's loader is asked for.</param>
/// <param name="VersionOf">The version that a loaded library states; null where it is some other library.</param>
/// <param name="Remedy">What a person can do where it is missing.</param>
internal sealed record NativeLibrarySpec(string Name, string Title, Version Oldest, string[] FilePatterns, string[] SystemNames,
    Func<nint, Version?> VersionOf, string Remedy)
{
    private const string OwnFolder =
        "Put back the folder 'native' that comes with the program, or name a folder that holds the library in TASTE_NATIVE";

    /// <summary>1.22 is the first whose function table has all the slots of <see cref="Ort.OrtApi"/>.</summary>
    public static NativeLibrarySpec OnnxRuntime { get; } = new("onnxruntime", "ONNX Runtime", new Version(1, 22),
        ForSystem(["libonnxruntime.so*"], ["libonnxruntime*.dylib"], ["onnxruntime.dll"]),
        ForSystem(["libonnxruntime.so.1", "libonnxruntime.so"], ["libonnxruntime.dylib"], ["onnxruntime.dll"]),
        OnnxRuntimeVersion, $"{OwnFolder}.");

    /// <summary>
    /// libvips with GLib and GObject: one file in the builds that we ship; elsewhere on Linux and macOS GLib's functions are
    /// found through the libraries that libvips itself depends on.
    /// </summary>
    public static NativeLibrarySpec Vips { get; } = new("vips", "libvips", new Version(8, 15),
        ForSystem(["libvips-cpp.so*", "libvips.so*"], ["libvips-cpp*.dylib", "libvips*.dylib"], ["libvips-42.dll"]),
        ForSystem(["libvips.so.42"], ["libvips.42.dylib"], ["libvips-42.dll"]),
        VipsVersion, OperatingSystem.IsLinux() ? $"{OwnFolder}; on Debian: apt install libvips42." : $"{OwnFolder}.");

    /// <summary>1.5 is what we ship; with older ones the binding was never tried.</summary>
    public static NativeLibrarySpec DuckDb { get; } = new("duckdb", "DuckDB", new Version(1, 5),
        ForSystem(["libduckdb.so*"], ["libduckdb*.dylib"], ["duckdb.dll"]),
        ForSystem(["libduckdb.so"], ["libduckdb.dylib"], ["duckdb.dll"]),
        DuckDbVersion, $"{OwnFolder}.");

    private static string[] ForSystem(string[] linux, string[] macos, string[] windows)
    {
        if (OperatingSystem.IsWindows())
        {
            return windows;
        }

        return OperatingSystem.IsMacOS() ? macos : linux;
    }

    private static unsafe Version? OnnxRuntimeVersion(nint library)
    {
        if (!NativeLibrary.TryGetExport(library, "OrtGetApiBase", out var getApiBase))
        {
            return null;
        }

        // struct OrtApiBase { const OrtApi* (*GetApi)(uint32_t); const char* (*GetVersionString)(void); }
        var apiBase = ((delegate* unmanaged<nint*>)getApiBase)();
        return Parse(((delegate* unmanaged<nint>)apiBase[1])());
    }

    private static unsafe Version? VipsVersion(nint library) =>
        NativeLibrary.TryGetExport(library, "vips_version_string", out var version)
        && NativeLibrary.TryGetExport(library, "g_object_unref", out _)
            ? Parse(((delegate* unmanaged<nint>)version)())
            : null;

    private static unsafe Version? DuckDbVersion(nint library) =>
        NativeLibrary.TryGetExport(library, "duckdb_library_version", out var version)
            ? Parse(((delegate* unmanaged<nint>)version)())
            : null;

    /// <summary>The leading numbers of <c>8.18.7</c>, <c>1.23.0-dev</c> or <c>v1.5.5</c>.</summary>
    private static Version? Parse(nint utf8)
    {
        var numbers = (Marshal.PtrToStringUTF8(utf8) ?? "").TrimStart('v').TakeWhile(c => char.IsAsciiDigit(c) || c is '.');
        return Version.TryParse([.. numbers], out var version) ? version : null;
    }
}
