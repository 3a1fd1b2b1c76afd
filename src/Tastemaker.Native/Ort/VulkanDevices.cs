using System.Runtime.InteropServices;

namespace Tastemaker.Native.Ort;

/// <summary>The GPUs that Linux offers to WebGPU, asked of Vulkan itself: ONNX Runtime does not say which one it took.</summary>
internal static unsafe class VulkanDevices
{
    public const string Library = "libvulkan.so.1";

    private const int Success = 0, InstanceCreateInfo = 1, Processor = 4; // VK_SUCCESS, VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO, VK_PHYSICAL_DEVICE_TYPE_CPU.

    /// <summary>The names of those that are programs on the processor, such as SwiftShader and llvmpipe, where there are no others; else nothing.</summary>
    public static IReadOnlyList<string> OnlySoftware()
    {
        if (!NativeLibrary.TryLoad(Library, out var vulkan))
        {
            return [];
        }

        try
        {
            var devices = All(vulkan);
            return devices.TrueForAll(device => device.Type == Processor) ? [.. devices.Select(device => device.Name)] : [];
        }
        finally
        {
            NativeLibrary.Free(vulkan);
        }
    }

    private static List<(int Type, string Name)> All(nint vulkan)
    {
        var create = (delegate* unmanaged<CreateInfo*, nint, nint*, int>)NativeLibrary.GetExport(vulkan, "vkCreateInstance");
        var destroy = (delegate* unmanaged<nint, nint, void>)NativeLibrary.GetExport(vulkan, "vkDestroyInstance");
        var enumerate = (delegate* unmanaged<nint, uint*, nint*, int>)NativeLibrary.GetExport(vulkan, "vkEnumeratePhysicalDevices");
        var describe = (delegate* unmanaged<nint, Properties*, void>)NativeLibrary.GetExport(vulkan, "vkGetPhysicalDeviceProperties");

        var info = new CreateInfo { Type = InstanceCreateInfo };
        nint instance;
        if (create(&info, 0, &instance) != Success)
        {
            return [];
        }

        try
        {
            uint count = 0;
            enumerate(instance, &count, null);
            var handles = new nint[count];
            fixed (nint* h = handles)
            {
                enumerate(instance, &count, h);
            }

            var found = new List<(int, string)>();
            foreach (var handle in handles.AsSpan(0, (int)count))
            {
                Properties properties;
                describe(handle, &properties);
                found.Add((properties.Type, Marshal.PtrToStringUTF8((nint)properties.Name) ?? ""));
            }

            return found;
        }
        finally
        {
            destroy(instance, 0);
        }
    }

    /// <summary>VkInstanceCreateInfo with neither layers nor extensions.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private struct CreateInfo
    {
        public int Type;
    }

    /// <summary>The beginning of VkPhysicalDeviceProperties, which has 824 bytes.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 1024)]
    private struct Properties
    {
        [FieldOffset(16)] public int Type;
        [FieldOffset(20)] public fixed byte Name[256];
    }
}
