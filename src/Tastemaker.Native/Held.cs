using System.Runtime.InteropServices;

namespace Tastemaker.Native;

/// <summary>A handle that cannot be released, by this thread or another, for as long as a native call uses it.</summary>
internal readonly ref struct Held : IDisposable
{
    private readonly SafeHandle _handle;

    public Held(SafeHandle handle)
    {
        var isHeld = false;
        handle.DangerousAddRef(ref isHeld);
        _handle = handle;
    }

    public nint Pointer => _handle.DangerousGetHandle();

    public void Dispose() => _handle.DangerousRelease();
}

/// <summary>The same for many at once; also the reference by which one native object keeps the memory of others.</summary>
internal sealed class HeldAll : IDisposable
{
    private readonly List<SafeHandle> _handles;

    public HeldAll(IReadOnlyCollection<SafeHandle> handles)
    {
        _handles = new List<SafeHandle>(handles.Count);
        try
        {
            foreach (var handle in handles)
            {
                var isHeld = false;
                handle.DangerousAddRef(ref isHeld);
                _handles.Add(handle);
            }
        }
        catch (ObjectDisposedException)
        {
            Dispose();
            throw;
        }
    }

    public nint[] Pointers => [.. _handles.Select(handle => handle.DangerousGetHandle())];

    public void Dispose()
    {
        foreach (var handle in _handles)
        {
            handle.DangerousRelease();
        }

        _handles.Clear();
    }
}
