using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tastemaker.Native.Vips;

/// <summary>
/// The functions of libvips and GObject that we call, by their C names; none takes variable arguments, which .NET has on Windows only.
/// </summary>
internal static unsafe partial class VipsApi
{
    private const string Library = "vips";

    static VipsApi() => NativeLibraries.Register();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int vips_init(string argv0);

    [LibraryImport(Library)]
    internal static partial int vips_version(int flag);

    [LibraryImport(Library)]
    internal static partial void vips_block_untrusted_set(int state);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void vips_operation_block_set(string name, int state);

    [LibraryImport(Library)]
    internal static partial void vips_cache_set_max(int max);

    /// <summary>Blocks of pixel memory in use; for the tests that look for leaks.</summary>
    [LibraryImport(Library)]
    internal static partial int vips_tracked_get_allocs();

    [LibraryImport(Library)]
    internal static partial nint vips_error_buffer_copy();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial uint g_log_set_handler(string domain, int levels,
        delegate* unmanaged[Cdecl]<nint, int, nint, nint, void> handler, nint data);

    [LibraryImport(Library)]
    internal static partial void g_free(nint memory);

    [LibraryImport(Library)]
    internal static partial void g_object_unref(nint handle);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void g_object_set_property(nint target, string name, GValue* value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void g_object_get_property(nint target, string name, GValue* value);

    [LibraryImport(Library)]
    internal static partial void g_value_init(GValue* value, nuint type);

    [LibraryImport(Library)]
    internal static partial void g_value_unset(GValue* value);

    [LibraryImport(Library)]
    internal static partial void g_value_set_object(GValue* value, nint item);

    [LibraryImport(Library)]
    internal static partial nint g_value_dup_object(GValue* value);

    [LibraryImport(Library)]
    internal static partial void g_value_set_boxed(GValue* value, nint boxed);

    [LibraryImport(Library)]
    internal static partial nint g_value_get_boxed(GValue* value);

    [LibraryImport(Library)]
    internal static partial nuint vips_image_get_type();

    [LibraryImport(Library)]
    internal static partial nuint vips_blob_get_type();

    [LibraryImport(Library)]
    internal static partial nint vips_blob_copy(byte* data, nuint length);

    [LibraryImport(Library)]
    internal static partial nint vips_blob_get(nint blob, nuint* length);

    [LibraryImport(Library)]
    internal static partial void vips_area_unref(nint area);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint vips_operation_new(string name);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int vips_object_set_argument_from_string(nint target, string name, string value);

    [LibraryImport(Library)]
    internal static partial nint vips_cache_operation_build(nint operation);

    [LibraryImport(Library)]
    internal static partial void vips_object_unref_outputs(nint operation);

    [LibraryImport(Library)]
    internal static partial nint vips_image_new_from_memory_copy(byte* data, nuint size, int width, int height, int bands, VipsFormat format);

    [LibraryImport(Library)]
    internal static partial int vips_image_get_width(VipsImage image);

    [LibraryImport(Library)]
    internal static partial int vips_image_get_height(VipsImage image);

    [LibraryImport(Library)]
    internal static partial int vips_image_get_bands(VipsImage image);

    [LibraryImport(Library)]
    internal static partial VipsFormat vips_image_get_format(VipsImage image);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nuint vips_image_get_typeof(VipsImage image, string name);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int vips_image_get_int(VipsImage image, string name, int* value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int vips_image_get_string(VipsImage image, string name, nint* value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int vips_image_get_blob(VipsImage image, string name, nint* data, nuint* length);

    [LibraryImport(Library)]
    internal static partial nint vips_region_new(VipsImage image);

    [LibraryImport(Library)]
    internal static partial nint vips_region_fetch(nint region, int left, int top, int width, int height, nuint* length);

    /// <summary>GLib's variant: a type and two words.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct GValue
    {
        public nuint Type;
        public Words Data;

        [InlineArray(2)]
        internal struct Words
        {
            public ulong Word;
        }
    }
}
