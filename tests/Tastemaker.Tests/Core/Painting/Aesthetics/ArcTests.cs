using Tastemaker.Core.Painting.Aesthetics;

namespace Tastemaker.Tests.Core.Painting.Aesthetics;

public sealed class ArcTests
{
    /// <summary>What the extension's own function made of the two; its numbers are float32.</summary>
    [Theory]
    [InlineData(0, new[] { 1, 2, 0.5f })]
    [InlineData(0.1, new[] { 0.8964834442195083f, 1.9842462784808381f, 0.7052734024784519f })]
    [InlineData(0.5, new[] { 0.4011733057957496f, 1.7193141676960697f, 1.4327618064133916f })]
    [InlineData(0.9, new[] { -0.16015488017956642f, 1.171447567404627f, 1.924471469092769f })]
    [InlineData(1, new[] { -0.3f, 1, 2 })]
    public void Arcs_are_those_of_the_extension(double share, float[] expected) =>
        Tensors.AssertClose(expected, Arc.OverRows([1, 2, 0.5f], [-0.3f, 1, 2], share, width: 3), 1e-6f, "arc");

    [Fact]
    public void Columns_are_the_rows_of_the_turned_matrix()
    {
        float[] from = [1, 2, 3, 4, 5, 6], to = [2, 0, 1, 5, 5, 1];

        Assert.Equal(Turned(Arc.OverRows(Turned(from, 2), Turned(to, 2), 0.3, width: 3), 3), Arc.OverColumns(from, to, 0.3, width: 2));

        static float[] Turned(float[] m, int width) => [.. Enumerable.Range(0, width).SelectMany(c => Enumerable.Range(0, m.Length / width).Select(r => m[(r * width) + c]))];
    }

    [Fact]
    public void Where_there_is_no_angle_the_way_is_straight()
    {
        Tensors.AssertClose([1.5f, 3], Arc.OverRows([1, 2], [2, 4], 0.5, 2), 1e-6f, "the same direction");
        Tensors.AssertClose([0, 0], Arc.OverRows([1, 2], [-1, -2], 0.5, 2), 1e-6f, "the opposite one");
        Tensors.AssertClose([0.5f, 1], Arc.OverRows([0, 0], [1, 2], 0.5, 2), 1e-6f, "none");
    }
}
