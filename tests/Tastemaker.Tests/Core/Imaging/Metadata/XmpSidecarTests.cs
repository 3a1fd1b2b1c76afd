using System.Text;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Imaging.Metadata;

namespace Tastemaker.Tests.Core.Imaging.Metadata;

public sealed class XmpSidecarTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_one_that_is_named_after_the_whole_name_comes_first()
    {
        var image = _folder.File("a.png");
        Assert.Null(XmpSidecar.Find(image));
        Assert.Equal(_folder["a.png.xmp"], XmpSidecar.DefaultPath(image));

        var adobe = _folder.File("a.xmp");
        Assert.Equal(adobe, XmpSidecar.Find(image));

        var own = _folder.File("a.png.xmp");
        Assert.Equal(own, XmpSidecar.Find(image));
    }

    [Theory]
    [InlineData("a.jpg")]
    [InlineData("a.CR2")]
    [InlineData("a.mp4")]
    public void One_that_could_be_another_file_s_is_nobody_s(string other)
    {
        var image = _folder.File("a.png");
        _folder.File("a.xmp");
        _folder.File("a.txt");
        _folder.File("ab.jpg");
        Assert.NotNull(XmpSidecar.Find(image));

        _folder.File(other);

        Assert.Null(XmpSidecar.Find(image));
    }

    [Fact]
    public void One_is_made_and_says_what_it_should()
    {
        var change = new XmpChange { Rating = 3, Tags = new(new HashSet<string>(), ["a", "b"]) };

        var made = XmpSidecar.Patch(null, change);
        var path = _folder.Write("a.png.xmp", made);

        var read = XmpSidecar.Read(path);
        Assert.Equal((3, "a b", "a b"), (read.Rating, string.Join(' ', read.Tags), string.Join(' ', read.TagPaths)));
        Assert.StartsWith("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<x:xmpmeta", Encoding.UTF8.GetString(made), StringComparison.Ordinal);
        Assert.Same(made, XmpSidecar.Patch(made, change));
        Assert.Equal(made, XmpSidecar.Patch([], change));
    }

    [Fact]
    public void The_edits_of_another_program_stay_byte_for_byte()
    {
        const string Darktable = """
            <?xml version="1.0" encoding="UTF-8"?>
            <x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
             <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
              <rdf:Description rdf:about=""
                xmlns:xmp="http://ns.adobe.com/xap/1.0/"
                xmlns:darktable="http://darktable.sf.net/"
               xmp:Rating="1"
               darktable:auto_presets_applied="1">
               <darktable:history>
                <rdf:Seq>
                 <rdf:li
                  darktable:num="0"
                  darktable:operation="exposure"
                  darktable:params="gz02eJxjYGBgAGIA"/>
                </rdf:Seq>
               </darktable:history>
              </rdf:Description>
             </rdf:RDF>
            </x:xmpmeta>
            """;

        var patched = Encoding.UTF8.GetString(XmpSidecar.Patch(Encoding.UTF8.GetBytes(Darktable), new() { Rating = -1 }));

        Assert.Equal(Darktable.Replace("xmp:Rating=\"1\"", "xmp:Rating=\"-1\"", StringComparison.Ordinal), patched);
    }

    [Fact]
    public void One_that_is_none_is_refused()
    {
        Assert.Throws<ImageException>(() => XmpSidecar.Patch([.. "{}"u8], new() { Rating = 1 }));
        Assert.Throws<ImageException>(() => XmpSidecar.Read(_folder.Write("a.xmp", new byte[5 << 20])));
        Assert.Throws<ImageException>(() => XmpSidecar.Read(_folder["gone.xmp"]));
        Assert.Throws<ArgumentOutOfRangeException>(() => XmpSidecar.Patch(null, new() { Rating = 7 }));
    }
}
