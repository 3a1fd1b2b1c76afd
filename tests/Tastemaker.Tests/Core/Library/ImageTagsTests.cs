using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;

namespace Tastemaker.Tests.Core.Library;

public sealed class ImageTagsTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly StudioDatabase _database;
    private readonly ImageTags _tags;
    private readonly long[] _images;

    public ImageTagsTests()
    {
        _database = StudioDatabase.Open(new StudioFolder(_folder["studio"]), TimeProvider.System);
        _tags = new(_database);
        _images = new ImageLibrary(_database).Add([.. Enumerable.Range(0, 5).Select(i =>
            new ReadImage(new($"/{i}.png", 1, 1), [.. Enumerable.Repeat((byte)i, 32)], 1, 1, "png"))]);
    }

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Tags_are_put_on_once_and_taken_off()
    {
        Assert.Equal(3, _tags.Add(_images[..3], "sea"));
        Assert.Equal(2, _tags.Add(_images, "sea"));
        Assert.Equal(1, _tags.Add([_images[1], 12345], "à voir"));

        Assert.Equal([new("sea", 5), new("à voir", 1)], _tags.All());
        Assert.Equal(["sea", "à voir"], _tags.Of(_images)[_images[1]]);
        Assert.Equal(2, _tags.Remove([_images[0], _images[1], 12345], "sea"));
        Assert.Equal(_images[2..].ToHashSet(), _tags.Images("sea"));
        Assert.Empty(_tags.Images("nothing"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" sea")]
    [InlineData("two\nlines")]
    public void What_cannot_be_a_tag_is_refused(string tag) =>
        Assert.Contains("1 to 100 characters", Assert.Throws<LibraryException>(() => _tags.Add(_images, tag)).Message);

    [Fact]
    public void A_tag_may_not_be_very_long() => Assert.Throws<LibraryException>(() => _tags.Add(_images, new string('x', 101)));
}
