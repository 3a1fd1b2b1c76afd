using Tastemaker.Core.Models;

namespace Tastemaker.Tests.Core.Models;

public sealed class ModelNamesTests
{
    [Theory]
    [InlineData("asv2")]
    [InlineData("clip-vit-l-14")]
    [InlineData("Mine_2.5")]
    [InlineData("console")]
    public void Names_that_every_system_takes_are_valid(string name) => Assert.Equal(name, ModelNames.Checked(name));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData(".hidden")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a..b")]
    [InlineData("a b")]
    [InlineData("a:b")]
    [InlineData("a\0b")]
    [InlineData("é")]
    [InlineData("end.")]
    [InlineData("con")]
    [InlineData("NUL.safetensors")]
    [InlineData("com1")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123x")]
    public void Names_that_some_system_refuses_or_that_climb_are_not(string name) =>
        Assert.Throws<ModelException>(() => ModelNames.Checked(name));

    [Theory]
    [InlineData("sac+logos+ava1-l14-linearMSE", "sac-logos-ava1-l14-linearmse")]
    [InlineData("My Head (final)", "my-head-final")]
    [InlineData("../../x", "x")]
    [InlineData("_a..b_", "a.b_")]
    public void A_name_is_made_from_a_file(string file, string name) => Assert.Equal(name, ModelNames.From(file));
}
