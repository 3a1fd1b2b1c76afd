using Tastemaker.Native;

namespace Tastemaker.Tests.Native;

public sealed class MappedFileTests : IDisposable
{
    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("taste-mapped-").FullName, "file.bin");

    [Fact]
    public void Spans_and_copies_show_the_files_bytes()
    {
        using var file = Write([1, 2, 3, 0, 0, 0x80, 0x3F, 9]);

        var copy = new byte[3];
        file.Read(1, copy);

        Assert.Equal(8, file.Length);
        Assert.Equal([2, 3, 0], file.Span(1, 3).ToArray());
        Assert.Equal([2, 3, 0], copy);
        Assert.Equal([1f], file.Span<float>(3, 1));
    }

    [Theory]
    [InlineData(5, 4)]
    [InlineData(9, 0)]
    [InlineData(long.MaxValue, 1)]
    [InlineData(0, int.MaxValue)]
    public void A_span_beyond_the_end_says_where_the_file_ends(long offset, int length)
    {
        using var file = Write(new byte[8]);

        var error = Assert.Throws<EndOfStreamException>(() => file.Span(offset, length).Length);

        Assert.Equal($"'{_path}' ends at byte 8; {length} bytes from byte {offset} on were asked for. Is the file whole?", error.Message);
    }

    [Fact]
    public void Elements_are_counted_in_bytes_without_overflow()
    {
        using var file = Write(new byte[8]);

        var error = Assert.Throws<EndOfStreamException>(() => file.Span<double>(0, int.MaxValue).Length);

        Assert.Contains("17179869176 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Negative_places_are_a_mistake_of_the_caller()
    {
        using var file = Write(new byte[8]);

        Assert.Throws<ArgumentOutOfRangeException>(() => file.Span(-1, 1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Span(0, -1).Length);
    }

    [Fact]
    public void An_empty_file_has_empty_spans()
    {
        using var file = Write([]);

        Assert.Equal(0, file.Length);
        Assert.True(file.Span(0, 0).IsEmpty);
        Assert.Throws<EndOfStreamException>(() => file.Span(0, 1).Length);
    }

    [Fact]
    public void A_file_of_more_than_2_GB_is_read_at_its_end()
    {
        const long Far = 5_000_000_000;
        using (var stream = File.Create(_path))
        {
            stream.Seek(Far, SeekOrigin.Begin);
            stream.Write([7, 8, 9]);
        }

        using var file = MappedFile.OpenRead(_path);

        Assert.Equal(Far + 3, file.Length);
        Assert.Equal([7, 8, 9], file.Span(Far, 3).ToArray());
        Assert.Throws<EndOfStreamException>(() => file.Span(Far + 1, 3).Length);
    }

    [Fact]
    public void A_disposed_file_shows_nothing()
    {
        var file = Write([1]);
        file.Dispose();

        Assert.Throws<ObjectDisposedException>(() => file.Span(0, 1).Length);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var error = Assert.Throws<FileNotFoundException>(() => MappedFile.OpenRead(_path));

        Assert.Contains(_path, error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    private MappedFile Write(byte[] bytes)
    {
        File.WriteAllBytes(_path, bytes);
        return MappedFile.OpenRead(_path);
    }
}
