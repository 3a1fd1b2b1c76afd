using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tastemaker.Native.Vips;

/// <summary>libvips as this process runs it: started once, on first use.</summary>
public static unsafe class VipsRuntime
{
    /// <summary>Loaders that are fuzzed continuously upstream. Everything else that libvips could load stays blocked.</summary>
    private static readonly string[] Allowed =
    [
        "VipsForeignLoadPng", "VipsForeignLoadJpeg", "VipsForeignLoadWebp", "VipsForeignLoadNsgif", "VipsForeignLoadTiff", "VipsForeignLoadHeif",
    ];

    private static readonly Lazy<Version> Started = new(Start);

    [ThreadStatic]
    private static string? _warning;

    public static Version Version => Started.Value;

    /// <exception cref="NativeLibraryException">libvips is missing or too old.</exception>
    /// <exception cref="VipsException">It does not start.</exception>
    internal static void EnsureStarted() => _ = Started.Value;

    private static Version Start()
    {
        const int Chatter = 0x10 | 0x20 | 0x40 | 0x80; // Warnings, messages, information, debugging: GLogLevelFlags.
        if (VipsApi.vips_init("vips") != 0)
        {
            throw VipsException.During("vips_init");
        }

        VipsApi.g_log_set_handler("VIPS", Chatter, &Keep, 0);
        VipsApi.vips_block_untrusted_set(1);
        VipsApi.vips_operation_block_set("VipsForeignLoad", 1);
        foreach (var loader in Allowed)
        {
            VipsApi.vips_operation_block_set(loader, 0);
        }

        // A cache would keep images, and the files behind them, open after we are done with them.
        VipsApi.vips_cache_set_max(0);
        return new Version(VipsApi.vips_version(0), VipsApi.vips_version(1), VipsApi.vips_version(2));
    }

    /// <summary>What libvips last warned of on this thread, which is all it says of some damages; and forgets it.</summary>
    internal static string? TakeWarning()
    {
        var warning = _warning;
        _warning = null;
        return warning;
    }

    /// <summary>Left alone, GLib prints warnings on standard error.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Keep(nint domain, int level, nint message, nint data) => _warning = Marshal.PtrToStringUTF8(message);
}
