using Tastemaker.Core.Imaging;

namespace Tastemaker.Tests.Core.Imaging;

/// <summary>Whatever a file holds, it ends in pixels or in an <see cref="ImageException"/>.</summary>
public sealed class HostileImageTests
{
    public static TheoryData<string> Names => [.. Samples.Formats.Select(sample => sample.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Flipped_bytes_give_pixels_or_an_ImageException(string name)
    {
        var file = Samples.Formats.Single(sample => sample.Name == name).File;
        var random = new Random(11);
        for (var i = 0; i < 120; i++)
        {
            var spoilt = (byte[])file.Clone();
            for (var flips = random.Next(1, 6); flips > 0; flips--)
            {
                // Half of the flips in the headers, where lengths and sizes stand.
                var at = random.Next(2) == 0 ? random.Next(Math.Min(spoilt.Length, 120)) : random.Next(spoilt.Length);
                spoilt[at] = (byte)random.Next(256);
            }

            Try(spoilt);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Truncated_files_give_pixels_or_an_ImageException(string name)
    {
        var file = Samples.Formats.Single(sample => sample.Name == name).File;
        for (var i = 0; i < 60; i++)
        {
            Try(file[..(i < 30 ? Math.Min(i * 3, file.Length) : file.Length * i / 60)]);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Files_with_parts_cut_out_or_doubled_give_pixels_or_an_ImageException(string name)
    {
        var file = Samples.Formats.Single(sample => sample.Name == name).File;
        var random = new Random(12);
        for (var i = 0; i < 40; i++)
        {
            var (a, b) = (random.Next(file.Length), random.Next(file.Length));
            Try([.. file[..Math.Max(a, b)], .. file[Math.Min(a, b)..]]);
            Try([.. file[..Math.Min(a, b)], .. file[Math.Max(a, b)..]]);
        }
    }

    private static void Try(byte[] file)
    {
        try
        {
            var raster = ImageDecoder.Decode(file, Orientation.Ignore, TestContext.Current.CancellationToken);
            Assert.Equal((long)raster.Width * raster.Height, raster.View.Bytes.Length / (raster.View.Stride / raster.Width));
        }
        catch (ImageException e)
        {
            Assert.EndsWith(".", e.Message, StringComparison.Ordinal);
        }
    }
}
