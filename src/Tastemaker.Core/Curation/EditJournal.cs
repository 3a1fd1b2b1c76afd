using Microsoft.Data.Sqlite;
using Tastemaker.Core.Library;

namespace Tastemaker.Core.Curation;

/// <summary>What is done inside the user's files, written down before it happens.</summary>
internal sealed class EditJournal(StudioDatabase database)
{
    public long NewBatch() => database.Write(JournalQueries.NewBatch);

    /// <summary>Writes down what is about to be done.</summary>
    public IReadOnlyList<JournalledEdit> Plan(long batch, IReadOnlyList<FileEdit> edits) => database.Write(db =>
        edits.Select(edit => new JournalledEdit(Plan(db, batch, edit, database.Now), batch, edit)).ToList());

    /// <summary>Notes what was done, and that the rest of the plan was not. The library goes on knowing the edited files.</summary>
    public void Close(IReadOnlyList<JournalledEdit> done, IEnumerable<JournalledEdit> notDone) => database.Write(db =>
    {
        foreach (var edit in done)
        {
            db.Run("update edits set state = 'done', done_at = $now where id = $id", ("$id", edit.Id), ("$now", database.Now));
            Follow(db, edit.Edit, edit.Edit.ModifiedNs);
        }

        foreach (var edit in notDone)
        {
            SetUndone(db, edit, database.Now);
        }

        return 0;
    });

    /// <summary>What stands of a batch, the last edit first.</summary>
    public IReadOnlyList<JournalledEdit> Batch(long batch) => database.Read(db => db.Rows(
        "select id, path, splices, hash_before, hash_after, modified_ns from edits where batch = $batch and state <> 'undone' order by id desc",
        row => new JournalledEdit(row.GetInt64(0), batch, new(
            row.GetString(1), [], Unpack((byte[])row[2]), row.IsDBNull(3) ? null : (byte[])row[3], (byte[])row[4], row.IsDBNull(5) ? null : row.GetInt64(5))),
        ("$batch", batch)));

    public void SetUndone(JournalledEdit edit, FoundFile? asItWas) => database.Write(db =>
    {
        Follow(db, edit.Edit, asItWas?.ModifiedNs);
        SetUndone(db, edit, database.Now);
        return 0;
    });

    private static long Plan(SqliteConnection db, long batch, FileEdit edit, string now) => db.Number(
        """
        insert into edits (batch, path, splices, hash_before, hash_after, modified_ns, state, planned_at)
        values ($batch, $path, $splices, $before, $after, $modified, 'planned', $now)
        returning id
        """,
        ("$batch", batch), ("$path", edit.Path), ("$splices", Pack(edit.Back)), ("$before", edit.Before), ("$after", edit.After),
        ("$modified", edit.ModifiedNs), ("$now", now));

    private static void SetUndone(SqliteConnection db, JournalledEdit edit, string now) =>
        db.Run("update edits set state = 'undone', undone_at = $now where id = $id", ("$id", edit.Id), ("$now", now));

    /// <summary>An edit leaves the picture as it is, so a file that the library knew as it was need not be read again.</summary>
    private static void Follow(SqliteConnection db, FileEdit edit, long? knownNs)
    {
        if (FoundFile.At(edit.Path) is { } file)
        {
            db.Run(
                "update files set size = $size, modified_ns = $modified where path = $path and modified_ns = $known",
                ("$path", edit.Path), ("$size", file.Size), ("$modified", file.ModifiedNs), ("$known", knownNs));
        }
    }

    private static byte[] Pack(IReadOnlyList<Stretch> stretches)
    {
        using var packed = new MemoryStream();
        using var writer = new BinaryWriter(packed);
        foreach (var stretch in stretches)
        {
            writer.Write(stretch.Offset);
            writer.Write(stretch.Length);
            writer.Write(stretch.Bytes.Length);
            writer.Write(stretch.Bytes.Span);
        }

        return packed.ToArray();
    }

    private static List<Stretch> Unpack(byte[] packed)
    {
        using var reader = new BinaryReader(new MemoryStream(packed));
        var stretches = new List<Stretch>();
        while (reader.BaseStream.Position < packed.Length)
        {
            var (offset, length, count) = (reader.ReadInt64(), reader.ReadInt32(), reader.ReadInt32());
            stretches.Add(new(offset, length, reader.ReadBytes(count)));
        }

        return stretches;
    }
}

internal sealed record JournalledEdit(long Id, long Batch, FileEdit Edit)
{
    /// <summary>What the new file is called while it is a part; undo finds it by this name after a kill.</summary>
    public string Aside => Path.Combine(Path.GetDirectoryName(Edit.Path)!, $".taste-edit-{Batch}-{Id}.part");
}
