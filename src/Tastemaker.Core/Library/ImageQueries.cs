using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Tastemaker.Core.Library;

/// <summary>The statements of <see cref="ImageLibrary"/>. Lists go in as one JSON parameter: one statement, however long.</summary>
internal static class ImageQueries
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static int Recognise(SqliteConnection db, IReadOnlyList<FoundFile> files, KnownImage?[] known, int start)
    {
        // The cross join keeps the wanted paths outside and the index on files.path inside.
        using var command = db.Command(
            """
            select wanted.key, files.size, files.modified_ns, images.id, images.content_id
            from json_each($paths) wanted cross join files on files.path = wanted.value join images on images.id = files.image_id
            """, ("$paths", Json(files.Select(f => f.Path))));
        using var reader = command.ExecuteReader();
        var count = 0;
        while (reader.Read())
        {
            var index = reader.GetInt32(0);
            if (files[index].Size == reader.GetInt64(1) && files[index].ModifiedNs == reader.GetInt64(2))
            {
                known[start + index] = new(reader.GetInt64(3), (byte[])reader[4]);
                count++;
            }
        }

        return count;
    }

    public static long? Find(SqliteConnection db, byte[] contentId) =>
        db.Rows<long?>("select id from images where content_id = $content", row => row.GetInt64(0), ("$content", contentId)).FirstOrDefault();

    public static long[] Add(SqliteConnection db, IReadOnlyList<ReadImage> images, string now)
    {
        using var addImage = db.Command(
            """
            insert into images (content_id, width, height, format, added_at) values ($content, $width, $height, $format, $now)
            on conflict (content_id) do update set content_id = content_id
            returning id
            """, ("$content", null), ("$width", 0), ("$height", 0), ("$format", ""), ("$now", now));
        using var addFile = db.Command(
            """
            insert into files (image_id, path, size, modified_ns, seen_at) values ($image, $path, $size, $modified, $now)
            on conflict (path) do update set image_id = excluded.image_id, size = excluded.size,
                modified_ns = excluded.modified_ns, seen_at = excluded.seen_at
            """, ("$image", 0), ("$path", ""), ("$size", 0), ("$modified", 0), ("$now", now));

        var ids = new long[images.Count];
        for (var i = 0; i < ids.Length; i++)
        {
            var image = images[i];
            Set(addImage, image.ContentId, image.Width, image.Height, image.Format);
            ids[i] = (long)addImage.ExecuteScalar()!;
            Set(addFile, ids[i], image.File.Path, image.File.Size, image.File.ModifiedNs);
            addFile.ExecuteNonQuery();
        }

        return ids;
    }

    public static List<long> Without(SqliteConnection db, string fingerprint) => db.Rows(
        """
        select id from images
        where not exists (select 1 from vectors join encoders on encoders.id = vectors.encoder_id
                          where encoders.fingerprint = $fingerprint and vectors.image_id = images.id)
        order by id
        """, row => row.GetInt64(0), ("$fingerprint", fingerprint));

    public static List<(long ImageId, string Path)> Paths(SqliteConnection db, IEnumerable<long> imageIds) => db.Rows(
        """
        select files.image_id, files.path from json_each($ids) wanted cross join files on files.image_id = wanted.value
        order by files.image_id, files.path
        """, row => (row.GetInt64(0), row.GetString(1)), ("$ids", Json(imageIds)));

    public static List<long> In(SqliteConnection db, string folder) => db.Rows(
        "select distinct image_id from files where path >= $from and path < $to",
        row => row.GetInt64(0), ("$from", folder + Path.DirectorySeparatorChar), ("$to", folder + (char)(Path.DirectorySeparatorChar + 1)));

    /// <summary>What is left of a path when all that is no separator is taken off its end.</summary>
    public static List<string> Folders(SqliteConnection db) => db.Rows(
        "select distinct rtrim(path, replace(path, $separator, '')) from files", row => Path.TrimEndingDirectorySeparator(row.GetString(0)),
        ("$separator", Path.DirectorySeparatorChar.ToString()));

    public static List<KnownImage> ContentIds(SqliteConnection db, IEnumerable<long> imageIds) => db.Rows(
        "select images.id, images.content_id from json_each($ids) wanted cross join images on images.id = wanted.value order by images.id",
        row => new KnownImage(row.GetInt64(0), (byte[])row[1]), ("$ids", Json(imageIds)));

    public static List<StudioImage> Images(SqliteConnection db, IEnumerable<long> ids)
    {
        var wanted = Json(ids);
        var files = db.Rows(
            """
            select files.image_id, files.path, files.size, files.modified_ns from json_each($ids) wanted cross join files on files.image_id = wanted.value
            order by files.image_id, files.path
            """, row => (Image: row.GetInt64(0), File: new FoundFile(row.GetString(1), row.GetInt64(2), row.GetInt64(3))), ("$ids", wanted))
            .Distinct().ToLookup(row => row.Image, row => row.File);
        return db.Rows(
            "select id, content_id, width, height, format, added_at from images where id in (select value from json_each($ids))",
            row => new StudioImage(
                row.GetInt64(0), Convert.ToHexStringLower((byte[])row[1]), row.GetInt32(2), row.GetInt32(3), row.GetString(4), row.GetString(5),
                [.. files[row.GetInt64(0)]]), ("$ids", wanted));
    }

    /// <summary>Judgements that were taken back do not count.</summary>
    public static ImageUse Use(SqliteConnection db, long image) => new(
        db.Rows(
            "select encoders.name from encoders join vectors on vectors.encoder_id = encoders.id where vectors.image_id = $image order by encoders.id",
            row => row.GetString(0), ("$image", image)),
        db.Number(
            """
            select count(*) from judgements
            where (image_id = $image or other_id = $image) and act not in (select act from judgements where kind = 'undo')
            """, ("$image", image)));

    public static List<ListedImage> All(SqliteConnection db) => db.Rows(
        """
        select images.id, min(files.path), files.modified_ns from images left join files on files.image_id = images.id
        group by images.id order by images.id
        """, row => row.IsDBNull(1) ? new(row.GetInt64(0), "", 0) : new ListedImage(row.GetInt64(0), row.GetString(1), row.GetInt64(2)));

    public static LibraryVersion Version(SqliteConnection db) => db.Rows(
        "select coalesce((select max(id) from images), 0), coalesce((select max(id) from files), 0)",
        row => new LibraryVersion(row.GetInt64(0), row.GetInt64(1)))[0];

    public static LibraryCounts Count(SqliteConnection db) => db.Rows(
        """
        select (select count(*) from images), (select count(*) from files), (select count(*) from encoders), (select count(*) from vectors)
        """, row => new LibraryCounts(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)))[0];

    public static string Json<T>(IEnumerable<T> values) => JsonSerializer.Serialize(values, Plain);

    private static void Set(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }
    }
}
