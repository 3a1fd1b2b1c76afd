using Tastemaker.Core.Platform;
using static Tastemaker.Core.Platform.StudioFolder;

namespace Tastemaker.Tests.Core.Platform;

public sealed class StudioFolderTests
{
    [Fact]
    public void What_was_asked_comes_before_the_variable_and_that_before_the_system()
    {
        var linux = new StudioFolder.System(SystemKind.Linux, "/users/a");

        Assert.Equal("/asked", Resolve("/asked", Environment("TASTE_STUDIO=/named"), linux).Root);
        Assert.Equal("/named", Resolve(null, Environment("TASTE_STUDIO=/named"), linux).Root);
        Assert.Equal("/named", Resolve(" ", Environment("TASTE_STUDIO=/named/"), linux).Root);
        Assert.Equal(Path.GetFullPath("here"), Resolve("here", Environment(), linux).Root);
    }

    [Theory]
    [InlineData("Linux", "", "/users/a/.local/share/tastemaker")]
    [InlineData("Linux", "XDG_DATA_HOME=/data", "/data/tastemaker")]
    [InlineData("Linux", "XDG_DATA_HOME=relative", "/users/a/.local/share/tastemaker")]
    [InlineData("Mac", "XDG_DATA_HOME=/data", "/users/a/Library/Application Support/Tastemaker")]
    [InlineData("Windows", "LOCALAPPDATA=/local", "/local/Tastemaker")]
    [InlineData("Windows", "", "/users/a/AppData/Local/Tastemaker")]
    public void Each_system_has_its_data_folder(string kind, string variables, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The paths of this test are written for Unix.");

        var studio = Resolve(null, Environment(variables), new(Enum.Parse<SystemKind>(kind), "/users/a"));

        Assert.Equal(expected, studio.Root);
        Assert.Equal($"{expected}/studio.db", studio.Database);
    }

    private static Func<string, string?> Environment(string variables = "") => name =>
        variables.Split(';').Where(v => v.StartsWith($"{name}=", StringComparison.Ordinal)).Select(v => v[(name.Length + 1)..]).FirstOrDefault();
}
