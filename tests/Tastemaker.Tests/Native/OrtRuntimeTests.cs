using Tastemaker.Native;
using Tastemaker.Native.Ort;

namespace Tastemaker.Tests.Native;

public sealed class OrtRuntimeTests
{
    [Fact]
    public void The_runtime_tells_its_version_and_providers()
    {
        Assert.Equal(NativeLibraries.Load("onnxruntime").Version, Version.Parse(OrtRuntime.Version));
        Assert.Contains("cpu", OrtRuntime.Providers);
    }

    [Fact]
    public void The_cpu_answers()
    {
        Assert.True(OrtRuntime.Answers("cpu", out var why), why);
        Assert.Empty(why);
    }

    [Theory]
    [InlineData("webgpu")]
    [InlineData("cuda")]
    [InlineData("dml")]
    [InlineData("coreml")]
    public void A_provider_answers_or_says_why_not(string provider)
    {
        var answers = OrtRuntime.Answers(provider, out var why);

        Assert.Equal(answers, why.Length == 0);
        Assert.True(answers || why.StartsWith($"provider '{provider}'", StringComparison.Ordinal)
            || why.StartsWith("ONNX Runtime, ", StringComparison.Ordinal), why);
        if (!OrtRuntime.Providers.Contains(provider))
        {
            Assert.False(answers);
            Assert.Contains("not", why, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_unknown_provider_is_refused_with_the_known_ones()
    {
        Assert.False(OrtRuntime.Answers("npu", out var why));
        Assert.Equal("there is no provider 'npu'. Choose one of cpu, webgpu, cuda, dml, coreml.", why);
    }
}
