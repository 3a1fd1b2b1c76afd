using Tastemaker.Native.Ort;

namespace Tastemaker.Core.Models;

/// <summary>Where networks run: the processor, or a GPU behind one of ONNX Runtime's providers.</summary>
public static class Device
{
    public const string Auto = "auto";

    /// <summary>Every name that a user may give.</summary>
    public static readonly IReadOnlyList<string> Names = [Auto, "cpu", "cuda", "dml", "coreml", "webgpu"];

    /// <summary>Best first; the processor always answers.</summary>
    private static readonly string[] Preference =
        OperatingSystem.IsWindows() ? ["cuda", "dml", "webgpu"] : OperatingSystem.IsMacOS() ? ["coreml", "webgpu"] : ["cuda", "webgpu"];

    /// <summary>The provider to use for a name: itself, or for <see cref="Auto"/> the best that really answers.</summary>
    /// <param name="fellBack">Told, for <see cref="Auto"/>, of each better one that is built in and did not answer, and why.</param>
    public static string Resolve(string name, Action<string> fellBack)
    {
        if (name != Auto)
        {
            return name;
        }

        foreach (var provider in Preference.Where(OrtRuntime.Providers.Contains))
        {
            if (OrtRuntime.Answers(provider, out var why))
            {
                return provider;
            }

            fellBack($"{provider} does not answer ({why}); using the processor.");
        }

        return "cpu";
    }
}
