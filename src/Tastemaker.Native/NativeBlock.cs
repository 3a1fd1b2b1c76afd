using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tastemaker.Native;

/// <summary>Memory outside the garbage-collected heap, aligned for every vector instruction.</summary>
internal sealed unsafe class NativeBlock : SafeHandleZeroOrMinusOneIsInvalid
{
    private const nuint Alignment = 64;

    /// <exception cref="OutOfMemoryException">There is not that much.</exception>
    public NativeBlock(long bytes)
        : base(ownsHandle: true)
    {
        SetHandle((nint)NativeMemory.AlignedAlloc((nuint)bytes, Alignment));
        LiveHandles.Opened();
    }

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        LiveHandles.Closed();
        return true;
    }
}
