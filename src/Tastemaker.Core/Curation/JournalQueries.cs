using Microsoft.Data.Sqlite;
using Tastemaker.Core.Library;

namespace Tastemaker.Core.Curation;

/// <summary>The statements of <see cref="Journal"/>.</summary>
internal static class JournalQueries
{
    public static long NewBatch(SqliteConnection db) => db.Number(
        "select coalesce(max(batch), 0) + 1 from (select batch from journal union all select batch from edits)");

    /// <summary>0 where nothing stands.</summary>
    public static long LastBatch(SqliteConnection db) => db.Number(
        """
        select coalesce(max(batch), 0) from (
            select batch from journal where state <> 'undone' union all select batch from edits where state <> 'undone')
        """);

    public static long Plan(SqliteConnection db, long batch, PlaceKind kind, Step step, string now) => db.Number(
        """
        insert into journal (batch, kind, from_path, to_path, size, modified_ns, state, planned_at)
        values ($batch, $kind, $from, $to, $size, $modified, 'planned', $now)
        returning id
        """,
        ("$batch", batch), ("$kind", Text(kind)), ("$from", step.From), ("$to", step.To),
        ("$size", step.Placed.Size), ("$modified", step.Placed.ModifiedNs), ("$now", now));

    public static void SetDone(SqliteConnection db, Operation operation, string now) => db.Run(
        "update journal set state = 'done', done_at = $now, size = $size, modified_ns = $modified where id = $id",
        ("$id", operation.Id), ("$size", operation.Step.Placed.Size), ("$modified", operation.Step.Placed.ModifiedNs), ("$now", now));

    public static void SetUndone(SqliteConnection db, long id, string now) =>
        db.Run("update journal set state = 'undone', undone_at = $now where id = $id", ("$id", id), ("$now", now));

    public static List<Operation> Batch(SqliteConnection db, long batch) => db.Rows(
        """
        select id, batch, kind, from_path, to_path, size, modified_ns, state = 'done' from journal
        where state <> 'undone' and batch = $batch
        order by id desc
        """, row =>
        {
            var (from, to) = (row.GetString(3), row.GetString(4));
            var step = new Step(from, to, new FoundFile(to, row.GetInt64(5), row.GetInt64(6)));
            return new Operation(row.GetInt64(0), row.GetInt64(1), Enum.Parse<PlaceKind>(row.GetString(2), ignoreCase: true), step, row.GetBoolean(7));
        }, ("$batch", batch));

    /// <summary>The library knows the placed file without reading it, if it knew the file as it was.</summary>
    public static void Follow(SqliteConnection db, Operation operation, string now)
    {
        db.Run(
            """
            insert or replace into files (image_id, path, size, modified_ns, seen_at)
            select image_id, $to, $size, $modified, $now from files where path = $from and size = $size and modified_ns = $modified
            """,
            ("$from", operation.Step.From), ("$to", operation.Step.To),
            ("$size", operation.Step.Placed.Size), ("$modified", operation.Step.Placed.ModifiedNs), ("$now", now));
        if (operation.Kind == PlaceKind.Move)
        {
            db.Run("delete from files where path = $from", ("$from", operation.Step.From));
        }
    }

    public static void Unfollow(SqliteConnection db, Operation operation)
    {
        if (operation.Kind == PlaceKind.Move)
        {
            db.Run("update or replace files set path = $from where path = $to", ("$from", operation.Step.From), ("$to", operation.Step.To));
        }
        else
        {
            db.Run("delete from files where path = $to", ("$to", operation.Step.To));
        }
    }

    private static string Text(PlaceKind kind) => kind switch
    {
        PlaceKind.Copy => "copy",
        PlaceKind.Move => "move",
        _ => "link",
    };
}
