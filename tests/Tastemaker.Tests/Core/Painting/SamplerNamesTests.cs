using Tastemaker.Core.Painting;
using Tastemaker.Nets.StableDiffusion.Samplers;

namespace Tastemaker.Tests.Core.Painting;

public sealed class SamplerNamesTests
{
    [Theory]
    [InlineData("DPM++ 2M Karras", null, SamplerMethod.DpmPlusPlus2M, true)]
    [InlineData("dpmpp_2m", null, SamplerMethod.DpmPlusPlus2M, false)]
    [InlineData("k_dpmpp_2m_karras", null, SamplerMethod.DpmPlusPlus2M, true)]
    [InlineData("DPM++ 2M", "Karras", SamplerMethod.DpmPlusPlus2M, true)]
    [InlineData("DPM++ 2M", "Automatic", SamplerMethod.DpmPlusPlus2M, true)]
    [InlineData("DPM++ 2M", "Uniform", SamplerMethod.DpmPlusPlus2M, false)]
    [InlineData("DPMSolverMultistep", null, SamplerMethod.DpmPlusPlus2M, false)]
    [InlineData("Euler a", "Automatic", SamplerMethod.EulerAncestral, false)]
    [InlineData("k_euler_a", null, SamplerMethod.EulerAncestral, false)]
    [InlineData("euler_ancestral", "normal", SamplerMethod.EulerAncestral, false)]
    [InlineData("EULER", null, SamplerMethod.Euler, false)]
    [InlineData("ddim", null, SamplerMethod.Ddim, false)]
    [InlineData("PLMS", null, SamplerMethod.Pndm, false)]
    [InlineData("pndm", null, SamplerMethod.Pndm, false)]
    [InlineData("LCM", "Automatic", SamplerMethod.Lcm, false)]
    public void Samplers_are_known_by_the_names_that_programs_give_them(string name, string? schedule, SamplerMethod method, bool isKarras)
    {
        var settings = SamplerNames.Parse(name, schedule);

        Assert.Equal((method, isKarras), (settings.Method, settings.IsKarras));
    }

    [Fact]
    public void Every_name_that_is_offered_can_be_asked_for() => Assert.All(SamplerNames.All, name => SamplerNames.Parse(name));

    [Theory]
    [InlineData("DPM++ SDE", null, "there is no sampler 'DPM++ SDE'. There are DPM++ 2M, DPM++ 2M Karras, Euler, Euler Karras, Euler a, Euler a Karras, DDIM, PLMS, LCM.")]
    [InlineData("", null, "there is no sampler ''.")]
    [InlineData("karras", null, "there is no sampler 'karras'.")]
    [InlineData("DDIM Karras", null, "DDIM has no Karras levels of noise; DPM++ 2M, Euler and Euler a do.")]
    [InlineData("Euler", "Polyexponential", "the noise schedule 'Polyexponential' is not known; Karras and Uniform are.")]
    public void What_is_not_there_is_told(string name, string? schedule, string message) =>
        Assert.StartsWith(message, Assert.Throws<PaintException>(() => SamplerNames.Parse(name, schedule)).Message, StringComparison.Ordinal);
}
