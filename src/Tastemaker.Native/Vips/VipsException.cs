using System.Runtime.InteropServices;

namespace Tastemaker.Native.Vips;

/// <summary>libvips refused. The message is what it had to say, on one line.</summary>
/// <remarks>libvips keeps one error text for all threads: where several fail at once, the words of one may be in the exception of another.</remarks>
public sealed class VipsException(string message) : Exception(message)
{
    /// <summary>Takes what libvips said, and leaves its error text empty.</summary>
    internal static VipsException During(string call)
    {
        var text = VipsApi.vips_error_buffer_copy();
        var said = (Marshal.PtrToStringUTF8(text) ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        VipsApi.g_free(text);
        var warning = VipsRuntime.TakeWarning();
        return new VipsException($"{call}: {(said.Length > 0 ? string.Join("; ", said.Distinct()) : warning ?? "no reason given")}");
    }
}
