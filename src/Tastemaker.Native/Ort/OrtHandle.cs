using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tastemaker.Native.Ort;

/// <summary>An object of ONNX Runtime, released once, with those whose memory it points into kept until after that.</summary>
internal abstract class OrtHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly OrtApi.Slot _release;
    private readonly HeldAll? _kept;
    private readonly Lock? _turn;

    /// <param name="turn">Of the provider whose device it is on (<see cref="OrtProvider.Turn"/>).</param>
    protected OrtHandle(nint pointer, OrtApi.Slot release, IReadOnlyCollection<SafeHandle> keeps, Lock? turn = null)
        : base(ownsHandle: true)
    {
        _release = release;
        _turn = turn;
        _kept = keeps.Count > 0 ? new HeldAll(keeps) : null;
        SetHandle(pointer);
        LiveHandles.Opened();
    }

    protected sealed override bool ReleaseHandle()
    {
        using (OrtProvider.Take(_turn))
        {
            OrtApi.Release(_release, handle);
        }

        _kept?.Dispose();
        LiveHandles.Closed();
        return true;
    }
}

internal sealed class OrtEnvHandle(nint pointer) : OrtHandle(pointer, OrtApi.Slot.ReleaseEnv, []);

internal sealed class OrtSessionOptionsHandle(nint pointer) : OrtHandle(pointer, OrtApi.Slot.ReleaseSessionOptions, []);

internal sealed class OrtCudaOptionsHandle(nint pointer) : OrtHandle(pointer, OrtApi.Slot.ReleaseCUDAProviderOptions, []);

/// <summary>Keeps the environment.</summary>
internal sealed class OrtSessionHandle(nint pointer, OrtEnvHandle env, Lock? turn)
    : OrtHandle(pointer, OrtApi.Slot.ReleaseSession, [env], turn);

internal sealed class OrtRunOptionsHandle(nint pointer) : OrtHandle(pointer, OrtApi.Slot.ReleaseRunOptions, []);

internal sealed class OrtMemoryInfoHandle(nint pointer) : OrtHandle(pointer, OrtApi.Slot.ReleaseMemoryInfo, []);

internal sealed class OrtTensorInfoHandle(nint pointer) : OrtHandle(pointer, OrtApi.Slot.ReleaseTensorTypeAndShapeInfo, []);

/// <summary>Keeps the memory that it lies over, or the session whose device it is on.</summary>
internal sealed class OrtValueHandle(nint pointer, IReadOnlyCollection<SafeHandle> keeps, Lock? turn = null)
    : OrtHandle(pointer, OrtApi.Slot.ReleaseValue, keeps, turn);

/// <summary>Keeps its session.</summary>
internal sealed class OrtBindingHandle(nint pointer, OrtSessionHandle session, Lock? turn)
    : OrtHandle(pointer, OrtApi.Slot.ReleaseIoBinding, [session], turn);
