using Tastemaker.Nets.StableDiffusion.Samplers;

namespace Tastemaker.Core.Painting;

/// <summary>Samplers by the names that AUTOMATIC1111's web UI, diffusers and ComfyUI call them.</summary>
public static class SamplerNames
{
    private const string Karras = "karras";

    private static readonly (SamplerMethod Method, string Title, string[] Others)[] Known =
    [
        (SamplerMethod.DpmPlusPlus2M, "DPM++ 2M", ["dpm2m", "dpmsolver++", "dpmsolvermultistep"]),
        (SamplerMethod.Euler, "Euler", []),
        (SamplerMethod.EulerAncestral, "Euler a", ["eulerancestral"]),
        (SamplerMethod.Ddim, "DDIM", []),
        (SamplerMethod.Pndm, "PLMS", ["pndm"]),
        (SamplerMethod.Lcm, "LCM", []),
    ];

    /// <summary>The web UI's, as it offers them: with <c>Karras</c> behind those that have such levels of noise.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. Known.SelectMany(known => HasKarras(known.Method) ? [known.Title, $"{known.Title} Karras"] : new[] { known.Title })];

    /// <summary>The web UI's name of a method.</summary>
    public static string Title(this SamplerMethod method) => Known.First(known => known.Method == method).Title;

    /// <summary>What the web UI calls the levels of noise, where the method has a choice; null where it has none.</summary>
    public static string? Schedule(SamplerSettings settings) => !HasKarras(settings.Method) ? null : settings.IsKarras ? "Karras" : "Uniform";

    /// <summary>Reads any of the names, such as <c>DPM++ 2M Karras</c>, <c>dpmpp_2m_karras</c> or <c>k_euler_a</c>.</summary>
    /// <param name="name">Case, spaces, hyphens and underscores do not count.</param>
    /// <param name="schedule">What an infotext says beside it: Karras, Uniform, Normal, or Automatic; null where it says nothing.</param>
    /// <exception cref="PaintException">There is no such sampler, or not with such levels.</exception>
    public static SamplerSettings Parse(string name, string? schedule = null)
    {
        var plain = Plain(name);
        var isNamed = plain.EndsWith(Karras, StringComparison.Ordinal);
        plain = isNamed ? plain[..^Karras.Length] : plain;
        var known = Known.FirstOrDefault(k => Names(k).Any(own => plain == own || plain == $"k{own}"));
        if (known.Title is null)
        {
            throw new PaintException($"there is no sampler '{name}'. There are {string.Join(", ", All)}.");
        }

        var isKarras = isNamed || Plain(schedule ?? "") switch
        {
            "" or "uniform" or "normal" or "simple" => false,
            "automatic" => known.Method == SamplerMethod.DpmPlusPlus2M, // As the web UI chooses.
            Karras => true,
            _ => throw new PaintException($"the noise schedule '{schedule}' is not known; Karras and Uniform are."),
        };
        return !isKarras || HasKarras(known.Method)
            ? new() { Method = known.Method, IsKarras = isKarras }
            : throw new PaintException($"{known.Title} has no Karras levels of noise; DPM++ 2M, Euler and Euler a do.");
    }

    private static bool HasKarras(SamplerMethod method) => method is SamplerMethod.DpmPlusPlus2M or SamplerMethod.Euler or SamplerMethod.EulerAncestral;

    private static IEnumerable<string> Names((SamplerMethod Method, string Title, string[] Others) known) => known.Others.Prepend(known.Title).Select(Plain);

    private static string Plain(string name) =>
        string.Concat(name.Where(c => c is not (' ' or '-' or '_'))).ToLowerInvariant().Replace("++", "pp", StringComparison.Ordinal);
}
