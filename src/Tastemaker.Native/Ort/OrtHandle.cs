using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tastemaker.Native.Ort;

/// <summary>An object of ONNX Runtime, released once, with those whose memory it points into kept until after that.</summary>
internal abstract class OrtHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly OrtApi.Slot _release;
    private readonly HeldAll? _kept;

    protected OrtHandle(nint pointer, OrtApi.Slot release, IReadOnlyCollection<SafeHandle> keeps)
        : base(ownsHandle: true)
    {
        _release = release;
        _kept = keeps.Count > 0 ? new HeldAll(keeps) : null;
        SetHandle(pointer);
        LiveHandles.Opened();
    }

    protected sealed override bool ReleaseHandle()
    {
        OrtApi.Release(_release, handle);
        _kept?.Dispose();
        LiveHandles.Closed();
        return true;
    }
}

internal sealed class OrtEnvHandle(nint pointer) : OrtHandle(pointer, OrtApi.Slot.ReleaseEnv, []);

internal sealed class OrtSessionOptionsHandle(nint pointer) : OrtHandle(pointer, OrtApi.Slot.ReleaseSessionOptions, []);

internal sealed class OrtCudaOptionsHandle(nint pointer) : OrtHandle(pointer, OrtApi.Slot.ReleaseCUDAProviderOptions, []);

/// <summary>Keeps the environment and the memory of its initializers.</summary>
internal sealed class OrtSessionHandle(nint pointer, IReadOnlyCollection<SafeHandle> keeps)
    : OrtHandle(pointer, OrtApi.Slot.ReleaseSession, keeps);

internal sealed class OrtRunOptionsHandle(nint pointer) : OrtHandle(pointer, OrtApi.Slot.ReleaseRunOptions, []);

internal sealed class OrtMemoryInfoHandle(nint pointer) : OrtHandle(pointer, OrtApi.Slot.ReleaseMemoryInfo, []);

internal sealed class OrtTensorInfoHandle(nint pointer) : OrtHandle(pointer, OrtApi.Slot.ReleaseTensorTypeAndShapeInfo, []);

/// <summary>Keeps the mapping that it lies over, or the session whose device memory it is in.</summary>
internal sealed class OrtValueHandle(nint pointer, IReadOnlyCollection<SafeHandle> keeps)
    : OrtHandle(pointer, OrtApi.Slot.ReleaseValue, keeps);

/// <summary>Keeps its session.</summary>
internal sealed class OrtBindingHandle(nint pointer, OrtSessionHandle session)
    : OrtHandle(pointer, OrtApi.Slot.ReleaseIoBinding, [session]);
