using Microsoft.Data.Sqlite;
using Tastemaker.Core.Library;

namespace Tastemaker.Core.Judging;

/// <summary>The statements of <see cref="JudgementLog"/>.</summary>
internal static class JudgementQueries
{
    private const string Columns = "id, act, kind, image_id, other_id, value, scale, purpose, expected, rater, source, milliseconds, judged_at";

    public static List<TasteSummary> Tastes(SqliteConnection db) => db.Rows(
        """
        select name, (select count(*) from judgements where taste_id = tastes.id and kind <> 'undo'), created_at from tastes order by name
        """, row => new TasteSummary(row.GetString(0), row.GetInt64(1), row.GetString(2)));

    public static long TasteId(SqliteConnection db, string taste, string now) => db.Number(
        "insert into tastes (name, created_at) values ($name, $now) on conflict (name) do update set name = name returning id",
        ("$name", taste), ("$now", now));

    public static long Append(SqliteConnection db, long taste, IReadOnlyList<Verdict> act, Origin origin, string now)
    {
        var first = db.Number("select coalesce((select seq from sqlite_sequence where name = 'judgements'), 0) + 1");
        foreach (var verdict in act)
        {
            db.Run(
                """
                insert into judgements (taste_id, act, kind, image_id, other_id, value, scale, purpose, expected, rater, source, milliseconds, judged_at)
                values ($taste, $act, $kind, $image, $other, $value, $scale, $purpose, $expected, $rater, $source, $milliseconds, $now)
                """,
                ("$taste", taste), ("$act", first), ("$kind", Text(verdict.Kind)), ("$image", verdict.Image), ("$other", verdict.Other),
                ("$value", verdict.Value), ("$scale", verdict.Scale), ("$purpose", Text(verdict.Purpose)), ("$expected", verdict.Expected),
                ("$rater", origin.Rater), ("$source", origin.Source), ("$milliseconds", origin.Milliseconds), ("$now", now));
        }

        return first;
    }

    /// <summary>Of the images, the first that the studio does not have.</summary>
    public static long? Unknown(SqliteConnection db, IEnumerable<long> images) => db.Rows<long?>(
        "select value from json_each($ids) where value not in (select id from images) limit 1",
        row => row.GetInt64(0), ("$ids", ImageQueries.Json(images))).FirstOrDefault();

    public static long? LastAct(SqliteConnection db, string taste, string rater) => db.Rows<long?>(
        """
        select act from judgements j
        where taste_id = (select id from tastes where name = $taste) and rater = $rater and kind <> 'undo'
            and not exists (select 1 from judgements u where u.taste_id = j.taste_id and u.kind = 'undo' and u.act = j.act and u.id > j.id)
        order by id desc limit 1
        """, row => row.GetInt64(0), ("$taste", taste), ("$rater", rater)).FirstOrDefault();

    public static List<Judgement> OfAct(SqliteConnection db, long act) =>
        db.Rows($"select {Columns} from judgements where id >= $act and act = $act and kind <> 'undo' order by id", Read, ("$act", act));

    public static void Undo(SqliteConnection db, long act, Origin origin, string now) => db.Run(
        """
        insert into judgements (taste_id, act, kind, purpose, rater, source, judged_at)
        select taste_id, act, 'undo', 'train', $rater, $source, $now from judgements where id = $act
        """, ("$act", act), ("$rater", origin.Rater), ("$source", origin.Source), ("$now", now));

    public static LogTail Since(SqliteConnection db, string taste, long last)
    {
        var (newest, added, undone) = (last, new List<Judgement>(), new List<long>());
        var rows = db.Rows(
            $"select {Columns} from judgements where taste_id = (select id from tastes where name = $taste) and id > $last order by id",
            row => (Id: row.GetInt64(0), Undone: row.GetString(2) == "undo" ? row.GetInt64(1) : (long?)null, Judgement: row.GetString(2) == "undo" ? null : Read(row)),
            ("$taste", taste), ("$last", last));
        foreach (var row in rows)
        {
            newest = row.Id;
            if (row.Undone is { } act)
            {
                undone.Add(act);
            }
            else
            {
                added.Add(row.Judgement!);
            }
        }

        return new(newest, added, undone);
    }

    private static Judgement Read(SqliteDataReader row)
    {
        var verdict = new Verdict(
            Enum.Parse<JudgementKind>(row.GetString(2), ignoreCase: true), row.GetInt64(3), row.IsDBNull(4) ? null : row.GetInt64(4),
            row.IsDBNull(5) ? null : row.GetDouble(5), row.IsDBNull(6) ? null : row.GetString(6))
        {
            Purpose = row.GetString(7) switch { "held-out" => Purpose.HeldOut, "repeat" => Purpose.Repeat, _ => Purpose.Train },
            Expected = row.IsDBNull(8) ? null : row.GetDouble(8),
        };
        var origin = new Origin(row.GetString(9), row.GetString(10), row.IsDBNull(11) ? null : row.GetInt32(11));
        return new(row.GetInt64(0), row.GetInt64(1), verdict, origin, row.GetString(12));
    }

    private static string Text(JudgementKind kind) => kind switch
    {
        JudgementKind.Choice => "choice",
        JudgementKind.Draw => "draw",
        JudgementKind.Skip => "skip",
        JudgementKind.Rating => "rating",
        JudgementKind.Keep => "keep",
        _ => "reject",
    };

    private static string Text(Purpose purpose) => purpose switch
    {
        Purpose.HeldOut => "held-out",
        Purpose.Repeat => "repeat",
        _ => "train",
    };
}
