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
    /// <param name="fellBack">Told, for <see cref="Auto"/>, in one line when better ones are built in and none of them answered.</param>
    public static string Resolve(string name, Action<string> fellBack)
    {
        if (name != Auto)
        {
            return name;
        }

        var better = Preference.Where(OrtRuntime.Providers.Contains).ToList();
        foreach (var provider in better)
        {
            if (OrtRuntime.Answers(provider, out _))
            {
                return provider;
            }
        }

        if (better.Count > 0)
        {
            fellBack($"no GPU answers ({string.Join(", ", better)}); using the processor. 'taste doctor' says why.");
        }

        return "cpu";
    }
}
