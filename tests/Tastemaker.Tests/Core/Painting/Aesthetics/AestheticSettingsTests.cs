using Tastemaker.Core.Models;
using Tastemaker.Core.Painting.Aesthetics;

namespace Tastemaker.Tests.Core.Painting.Aesthetics;

public sealed class AestheticSettingsTests
{
    private static readonly AestheticSettings Everything = new()
    {
        Steps = 7, LearningRate = 0.00025, Weight = 0.9, Slerp = true, Text = "a \"castle\", wide", Angle = 0.02, IsNegative = true, Encoder = DrawnEncoder.Stock, IsCompatible = true,
    };

    [Fact]
    public void Settings_come_back_from_their_JSON() => Assert.Equal(Everything, AestheticSettings.FromJson(Everything.ToJson()));

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"steps\":\"many\"}")]
    [InlineData("{\"steps\":-1}")]
    [InlineData("{\"weight\":1.5}")]
    [InlineData("{\"encoder\":\"mine\"}")]
    public void Other_JSON_is_refused(string json) => Assert.Throws<ModelException>(() => AestheticSettings.FromJson(json));

    [Fact]
    public void What_is_out_of_range_is_named_with_its_range() => Assert.Equal(
        "the aesthetic's learning rate is NaN; it can be 0 to 1; 0.0001 is usual.", Assert.Throws<ModelException>(() => (Everything with { LearningRate = double.NaN }).Checked()).Message);

    [Fact]
    public void Infotext_has_the_extension_s_keys_and_ours()
    {
        var target = AestheticTarget.Of("sac_8plus", new(null, 2), [3, 4]);

        Assert.Equal(
            [
                ("Aesthetic LR", "0.00025"), ("Aesthetic weight", "0.9"), ("Aesthetic steps", "7"), ("Aesthetic embedding", "sac_8plus"), ("Aesthetic embedding hash", target.Hash[..10]),
                ("Aesthetic slerp", "True"), ("Aesthetic text", "a \"castle\", wide"), ("Aesthetic text negative", "True"), ("Aesthetic slerp angle", "0.02"),
                ("Aesthetic encoder", "stock"), ("Aesthetic compat", "True"),
            ],
            Everything.Infotext(target).Select(field => (field.Key, field.Value)));
        Assert.DoesNotContain(AestheticSettings.Default.Infotext(target), field => field.Key is "Aesthetic text" or "Aesthetic compat");
    }
}
