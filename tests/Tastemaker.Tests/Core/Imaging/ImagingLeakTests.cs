using Tastemaker.Core.Imaging;
using Tastemaker.Native;
using Tastemaker.Native.Vips;

namespace Tastemaker.Tests.Core.Imaging;

/// <summary>Counts what libvips holds, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(ImagingLeakTests), DisableParallelization = true)]
public sealed class AloneInTheProcess;

[Collection(nameof(ImagingLeakTests))]
public sealed class ImagingLeakTests
{
    [Fact]
    public void Neither_whole_nor_spoilt_images_leave_memory_behind()
    {
        UseAll();
        var (blocks, handles) = (VipsApi.vips_tracked_get_allocs(), LiveHandles.Count);

        for (var i = 0; i < 3; i++)
        {
            UseAll();
        }

        Assert.Equal((blocks, handles), (VipsApi.vips_tracked_get_allocs(), LiveHandles.Count));
    }

    private static void UseAll()
    {
        foreach (var (_, file) in Samples.Formats)
        {
            foreach (var length in new[] { file.Length, file.Length * 2 / 3, file.Length / 8 })
            {
                Try(() => ImageDecoder.Decode(file.AsMemory(0, length)));
                Try(() => ImageDecoder.DecodeSrgb(file.AsMemory(0, length)));
            }
        }

        ImageWriter.WebP(ImageDecoder.Decode(ImageWriter.Png(Samples.Noise(20, 10))));
    }

    private static void Try(Action decode)
    {
        try
        {
            decode();
        }
        catch (ImageException)
        {
            // Spoilt files are refused; only what they leave behind matters here.
        }
    }
}
