using System.Runtime.InteropServices;

namespace Tastemaker.Native;

/// <summary>Strings as C wants them, null-terminated UTF-8, for the length of a call.</summary>
internal readonly ref struct Utf8 : IDisposable
{
    public Utf8(string text) => Pointer = Marshal.StringToCoTaskMemUTF8(text);

    public nint Pointer { get; }

    public void Dispose() => Marshal.FreeCoTaskMem(Pointer);
}

/// <summary>The same for an array of strings.</summary>
internal readonly ref struct Utf8Array : IDisposable
{
    public Utf8Array(IEnumerable<string> texts) => Pointers = [.. texts.Select(Marshal.StringToCoTaskMemUTF8)];

    public nint[] Pointers { get; }

    public void Dispose()
    {
        foreach (var pointer in Pointers)
        {
            Marshal.FreeCoTaskMem(pointer);
        }
    }
}
