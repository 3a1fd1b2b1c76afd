using Microsoft.Data.Sqlite;
using Tastemaker.Core.Library;

namespace Tastemaker.Core.Embedding;

/// <summary>The statements of <see cref="VectorStore"/>.</summary>
internal static class VectorQueries
{
    public sealed record NamedRow(long ImageId, long Row, byte[] ContentId);

    public static (long Id, int Dims)? Encoder(SqliteConnection db, string fingerprint) => db.Rows<(long, int)?>(
        "select id, dims from encoders where fingerprint = $fingerprint",
        row => (row.GetInt64(0), row.GetInt32(1)), ("$fingerprint", fingerprint)).SingleOrDefault();

    public static List<(string Name, string Fingerprint, int Dims)> Encoders(SqliteConnection db) => db.Rows(
        "select name, fingerprint, dims from encoders order by id", row => (row.GetString(0), row.GetString(1), row.GetInt32(2)));

    public static (long Id, int Dims) AddEncoder(SqliteConnection db, string name, string fingerprint, int dims, string now)
    {
        db.Run(
            """
            insert into encoders (name, fingerprint, dims, created_at) values ($name, $fingerprint, $dims, $now)
            on conflict (fingerprint) do nothing
            """, ("$name", name), ("$fingerprint", fingerprint), ("$dims", dims), ("$now", now));
        return Encoder(db, fingerprint)!.Value;
    }

    public static long Count(SqliteConnection db, long encoder) =>
        db.Number("select count(*) from vectors where encoder_id = $encoder", ("$encoder", encoder));

    public static long NextRow(SqliteConnection db, long encoder) =>
        db.Number("select coalesce(max(row) + 1, 0) from vectors where encoder_id = $encoder", ("$encoder", encoder));

    /// <summary>Of the images, those that exist and have no vector yet, with their content ids.</summary>
    public static Dictionary<long, byte[]> Unnamed(SqliteConnection db, long encoder, IEnumerable<long> imageIds) => db.Rows(
        """
        select images.id, images.content_id from json_each($ids) wanted cross join images on images.id = wanted.value
        where not exists (select 1 from vectors where encoder_id = $encoder and image_id = images.id)
        group by images.id
        """, row => (Id: row.GetInt64(0), Content: (byte[])row[1]), ("$ids", ImageQueries.Json(imageIds)), ("$encoder", encoder))
        .ToDictionary(row => row.Id, row => row.Content);

    public static void Name(SqliteConnection db, long encoder, long firstRow, IEnumerable<long> imageIds) => db.Run(
        "insert into vectors (encoder_id, image_id, row) select $encoder, value, $first + key from json_each($ids)",
        ("$encoder", encoder), ("$first", firstRow), ("$ids", ImageQueries.Json(imageIds)));

    public static void Drop(SqliteConnection db, long encoder, IEnumerable<long> imageIds) => db.Run(
        "delete from vectors where encoder_id = $encoder and image_id in (select value from json_each($ids))",
        ("$encoder", encoder), ("$ids", ImageQueries.Json(imageIds)));

    /// <summary>The rows with the highest numbers.</summary>
    public static List<NamedRow> Last(SqliteConnection db, long encoder, int count) => db.Rows(
        """
        select vectors.image_id, vectors.row, images.content_id from vectors join images on images.id = vectors.image_id
        where vectors.encoder_id = $encoder order by vectors.row desc limit $count
        """, row => new NamedRow(row.GetInt64(0), row.GetInt64(1), (byte[])row[2]), ("$encoder", encoder), ("$count", count));

    /// <summary>Every row, lowest first.</summary>
    public static List<(long ImageId, long Row)> Named(SqliteConnection db, long encoder) => db.Rows(
        "select image_id, row from vectors where encoder_id = $encoder order by row",
        row => (row.GetInt64(0), row.GetInt64(1)), ("$encoder", encoder));

    /// <summary>For the place of each image in the list, its row.</summary>
    public static List<(int Index, NamedRow Row)> RowsOf(SqliteConnection db, long encoder, IEnumerable<long> imageIds) => db.Rows(
        """
        select wanted.key, images.id, vectors.row, images.content_id
        from json_each($ids) wanted cross join vectors on vectors.encoder_id = $encoder and vectors.image_id = wanted.value
            join images on images.id = vectors.image_id
        """, row => (row.GetInt32(0), new NamedRow(row.GetInt64(1), row.GetInt64(2), (byte[])row[3])),
        ("$ids", ImageQueries.Json(imageIds)), ("$encoder", encoder));
}
