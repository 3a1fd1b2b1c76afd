using Tastemaker.Native;

namespace Tastemaker.Tests.Native;

public sealed class NativeLibrariesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("taste-native-").FullName;

    [Theory]
    [InlineData("onnxruntime", 1, 22)]
    [InlineData("vips", 8, 15)]
    [InlineData("duckdb", 1, 5)]
    public void A_library_beside_the_program_is_loaded_once(string name, int major, int minor)
    {
        var library = NativeLibraries.Load(name);

        Assert.Equal(name, library.Name);
        Assert.True(library.Version >= new Version(major, minor), $"{library}");
        Assert.True(File.Exists(library.Path), library.Path);
        Assert.Same(library, NativeLibraries.Load(name));
    }

    [Fact]
    public void A_missing_library_names_every_place_and_the_remedy()
    {
        var spec = NativeLibrarySpec.Vips with { FilePatterns = ["libnowhere*"], SystemNames = ["libnowhere.so.42"] };

        var error = Assert.Throws<NativeLibraryException>(() => NativeLibraries.Find(spec, [_folder, "/no/such/folder"]));

        Assert.Equal("vips", error.Library);
        Assert.StartsWith($"libvips 8.15 or later is needed and was not found: looked for 'libnowhere*' in '{_folder}' and '/no/such/folder', "
            + "then for 'libnowhere.so.42' among the system's libraries. Put back", error.Message, StringComparison.Ordinal);
        Assert.Contains("TASTE_NATIVE", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_library_is_refused_with_the_loaders_reason()
    {
        var file = Path.Combine(_folder, "libvips-broken.so");
        File.WriteAllText(file, "not a library");
        var spec = NativeLibrarySpec.Vips with { FilePatterns = ["libvips-broken*"], SystemNames = [] };

        var error = Assert.Throws<NativeLibraryException>(() => NativeLibraries.Find(spec, [_folder]));

        Assert.Contains($"'{file}' does not load: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_library_that_is_too_old_is_refused_with_its_version()
    {
        var spec = NativeLibrarySpec.OnnxRuntime with { Oldest = new Version(99, 0) };
        var here = NativeLibraries.Load("onnxruntime");

        var error = Assert.Throws<NativeLibraryException>(() => NativeLibraries.Find(spec, [Path.GetDirectoryName(here.Path)!]));

        Assert.Contains($"'{here.Path}' is version {here.Version}.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_library_under_the_name_is_refused()
    {
        var vips = NativeLibraries.Load("vips");
        var spec = NativeLibrarySpec.OnnxRuntime with { FilePatterns = [Path.GetFileName(vips.Path)], SystemNames = [] };

        var error = Assert.Throws<NativeLibraryException>(() => NativeLibraries.Find(spec, [Path.GetDirectoryName(vips.Path)!]));

        Assert.Contains("has not the functions of ONNX Runtime.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_name_is_a_mistake_of_the_caller()
    {
        Assert.Throws<ArgumentException>(() => NativeLibraries.Load("libfoo"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
