using Tastemaker.Core.Platform;

namespace Tastemaker.Tests.Core.Platform;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Create_never_overwrites_not_even_what_came_while_it_wrote()
    {
        var path = _folder["a.txt"];

        Assert.Throws<IOException>(() => AtomicFile.Create(path, stream =>
        {
            stream.Write("ours"u8);
            File.WriteAllText(path, "theirs");
        }));
        Assert.Throws<IOException>(() => AtomicFile.Create(path, stream => stream.Write("ours"u8)));

        Assert.Equal("theirs", File.ReadAllText(path));
        Assert.Single(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_failure_while_writing_leaves_the_old_content_and_nothing_beside_it()
    {
        var path = _folder.File("a.txt", "old");

        Assert.Throws<InvalidDataException>(() => AtomicFile.Replace(path, stream =>
        {
            stream.Write("half"u8);
            throw new InvalidDataException();
        }));

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Replace_keeps_the_permissions_and_writes_through_a_link()
    {
        var path = _folder.File("a.txt", "old");
        Unix.SetMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.CreateSymbolicLink(_folder["link"], "a.txt");

        AtomicFile.Replace(_folder["link"], stream => stream.Write("new"u8));

        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, Unix.Mode(path));
        Assert.Equal("a.txt", new FileInfo(_folder["link"]).LinkTarget);
    }

    [Fact]
    public void A_name_of_the_longest_length_can_be_written()
    {
        var path = _folder[new string('é', 120) + ".txt"]; // 244 bytes of the 255 that file systems allow.

        AtomicFile.Create(path, stream => stream.Write("x"u8));

        Assert.Equal("x", File.ReadAllText(path));
    }
}
