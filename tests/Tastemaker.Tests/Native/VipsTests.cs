using Tastemaker.Native.Vips;

namespace Tastemaker.Tests.Native;

public sealed class VipsTests
{
    [Fact]
    public void The_library_starts_and_says_its_version()
    {
        Assert.True(VipsRuntime.Version >= new Version(8, 15), VipsRuntime.Version.ToString());
    }

    [Fact]
    public void Operations_are_called_by_name_and_chained()
    {
        using var image = VipsImage.FromPixels([0, 50, 100, 150, 200, 250], 3, 2, 1, "b-w");
        using var turned = image.Apply("rot", ("angle", "d90"));
        using var rows = turned.OpenRows();
        var pixels = new byte[6];
        rows.Read(0, 3, pixels);

        Assert.Equal((2, 3, 1, VipsFormat.Unsigned8), (turned.Width, turned.Height, turned.Bands, turned.Format));
        Assert.Equal([150, 0, 200, 50, 250, 100], pixels);
    }

    [Fact]
    public void What_libvips_refuses_says_which_call_and_why()
    {
        using var image = VipsImage.FromPixels([1, 2, 3], 1, 1, 3, "srgb");

        Assert.StartsWith("nosuchop: ", Assert.Throws<VipsException>(() => image.Apply("nosuchop")).Message, StringComparison.Ordinal);
        Assert.StartsWith("rot: ", Assert.Throws<VipsException>(() => image.Apply("rot", ("angle", "sideways"))).Message, StringComparison.Ordinal);
        Assert.StartsWith("pngload_buffer: ", Assert.Throws<VipsException>(() => VipsImage.Load("png", "nonsense"u8)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Loaders_that_are_not_allowed_are_blocked()
    {
        Assert.Throws<VipsException>(() => VipsImage.Load("svg", "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"u8));
        Assert.Throws<VipsException>(() => VipsImage.Load("csv", "/no/such.csv"));
    }

    [Fact]
    public void Metadata_is_read_by_name()
    {
        using var image = VipsImage.FromPixels(new byte[12], 2, 2, 3, "srgb");
        using var profiled = image.Apply("icc_transform", ("output-profile", "p3"), ("input-profile", "srgb"));
        var file = profiled.Save("png");
        using var back = VipsImage.Load("png", file);

        Assert.Equal("acsp", System.Text.Encoding.ASCII.GetString(back.GetBlob("icc-profile-data")!.AsSpan(36, 4)));
        Assert.Equal("pngload_buffer", back.GetString("vips-loader"));
        Assert.Equal(8, back.GetInt("bits-per-sample"));
        Assert.Null(back.GetBlob("xmp-data"));
        Assert.Null(back.GetInt("nothing"));
        Assert.Null(back.GetString("nothing"));
    }

    [Fact]
    public void Rows_outside_the_image_are_refused()
    {
        using var image = VipsImage.FromPixels(new byte[12], 2, 2, 3, "srgb");
        using var rows = image.OpenRows();

        Assert.Throws<ArgumentOutOfRangeException>(() => rows.Read(1, 2, new byte[12]));
        Assert.Throws<ArgumentOutOfRangeException>(() => rows.Read(-1, 1, new byte[6]));
    }
}
