namespace Tastemaker.Core.Library;

/// <summary>Words on images of the studio, put there by people and commands; the images' files know nothing of them.</summary>
public sealed class ImageTags(StudioDatabase database)
{
    /// <summary>Characters in a tag, at most.</summary>
    public const int Longest = 100;

    /// <summary>Puts a tag on images; those that bear it already keep it. Returns how many are new.</summary>
    /// <exception cref="LibraryException">It cannot be a tag.</exception>
    public int Add(IReadOnlyCollection<long> images, string tag)
    {
        Demand(tag);
        return database.Write(db => db.Run(
            "insert or ignore into image_tags (tag, image_id, tagged_at) select $tag, images.id, $now from images where id in (select value from json_each($ids))",
            ("$tag", tag), ("$now", database.Now), ("$ids", ImageQueries.Json(images))));
    }

    /// <summary>Takes a tag off images. Returns how many bore it.</summary>
    public int Remove(IReadOnlyCollection<long> images, string tag) => database.Write(db => db.Run(
        "delete from image_tags where tag = $tag and image_id in (select value from json_each($ids))",
        ("$tag", tag), ("$ids", ImageQueries.Json(images))));

    /// <summary>Every tag in use, by name.</summary>
    public IReadOnlyList<TagCount> All() => database.Read(db => db.Rows(
        "select tag, count(*) from image_tags group by tag order by tag", row => new TagCount(row.GetString(0), row.GetInt64(1))));

    /// <summary>The images that bear a tag.</summary>
    public IReadOnlySet<long> Images(string tag) => database.Read(db => db.Rows(
        "select image_id from image_tags where tag = $tag", row => row.GetInt64(0), ("$tag", tag))).ToHashSet();

    /// <summary>The tags of images, by name; an image without one is absent.</summary>
    public ILookup<long, string> Of(IReadOnlyCollection<long> images) => database.Read(db => db.Rows(
        "select image_id, tag from image_tags where image_id in (select value from json_each($ids)) order by image_id, tag",
        row => (Image: row.GetInt64(0), Tag: row.GetString(1)), ("$ids", ImageQueries.Json(images)))).ToLookup(row => row.Image, row => row.Tag);

    private static void Demand(string tag)
    {
        if (tag.Trim() != tag || tag.Length is 0 or > Longest || tag.Any(char.IsControl))
        {
            var shown = string.Concat(tag.Take(40).Select(c => char.IsControl(c) ? '?' : c));
            throw new LibraryException($"'{shown}' cannot be a tag: 1 to {Longest} characters on one line, without spaces at the ends, were wanted.");
        }
    }
}

/// <param name="Images">That bear it.</param>
public readonly record struct TagCount(string Tag, long Images);
