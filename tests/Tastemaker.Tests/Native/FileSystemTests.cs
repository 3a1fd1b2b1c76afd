using Tastemaker.Native;

namespace Tastemaker.Tests.Native;

public sealed class FileSystemTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public static TheoryData<string> Ways => ["rename", "link"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_file_moves_to_a_free_name(string way)
    {
        var (from, to) = (_folder.File("a", "a"), _folder["b"]);

        Assert.Equal(NameOutcome.Done, Move(way, from, to));

        Assert.False(File.Exists(from));
        Assert.Equal("a", File.ReadAllText(to));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_taken_name_changes_nothing(string way)
    {
        var (from, to) = (_folder.File("a", "a"), _folder.File("b", "b"));

        Assert.Equal(NameOutcome.Exists, Move(way, from, to));

        Assert.Equal("a", File.ReadAllText(from));
        Assert.Equal("b", File.ReadAllText(to));
    }

    [Fact]
    public void A_missing_file_is_an_error_that_names_it()
    {
        var error = Assert.Throws<IOException>(() => FileSystem.MoveNew(_folder["missing"], _folder["b"]));

        Assert.Contains(_folder["missing"], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hard_link_is_the_same_file()
    {
        var (file, link) = (_folder.File("a", "a"), _folder["b"]);

        Assert.Equal(NameOutcome.Done, FileSystem.HardLink(file, link));
        File.WriteAllText(file, "changed");

        Assert.Equal("changed", File.ReadAllText(link));
        Assert.Equal(NameOutcome.Exists, FileSystem.HardLink(file, link));
    }

    private static NameOutcome Move(string way, string from, string to) =>
        way == "rename" ? FileSystem.MoveNew(from, to) : FileSystem.MoveByLink(from, to);
}
