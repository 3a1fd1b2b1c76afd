using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Tastemaker.Nets.Clip;

namespace Tastemaker.Core.Benchmarks;

/// <summary>The same work in torch, where <c>python3</c> has it.</summary>
internal static class TorchPeer
{
    /// <summary>Seconds of a step of aesthetic gradients on a text tower with random weights, on the processor; null where there is no torch.</summary>
    public static double? Step(ClipText.Config tower, int steps, CancellationToken cancel)
    {
        using var script = new StreamReader(typeof(TorchPeer).Assembly.GetManifestResourceStream("Tastemaker.Core.Benchmarks.torch_step.py")!);
        var stack = tower.Stack;
        int[] sizes = [stack.Width, stack.Inner, stack.Layers, stack.Heads, stack.Tokens, tower.Dims, steps, Environment.ProcessorCount];
        var start = new ProcessStartInfo("python3", ["-", .. sizes.Select(size => size.ToString(CultureInfo.InvariantCulture))])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        try
        {
            using var python = Process.Start(start)!;
            using var stop = cancel.Register(python.Kill);
            python.ErrorDataReceived += (_, _) => { };
            python.BeginErrorReadLine();
            python.StandardInput.Write(script.ReadToEnd());
            python.StandardInput.Close();
            var said = python.StandardOutput.ReadToEnd();
            cancel.ThrowIfCancellationRequested();
            return double.TryParse(said, CultureInfo.InvariantCulture, out var seconds) ? seconds : null;
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            return null; // No python3, or one that does not take a script.
        }
    }
}
