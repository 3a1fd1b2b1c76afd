using Microsoft.Data.Sqlite;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;

namespace Tastemaker.Tests.Core.Library;

public sealed class StudioDatabaseTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly StudioFolder _studio;

    public StudioDatabaseTests() => _studio = new(_folder["studio"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_studio_is_of_the_latest_version_sound_and_safe_against_power_loss()
    {
        using var database = Open();

        Assert.Equal(Migrations.Shipped[^1].Number, database.Read(db => db.Number("pragma user_version")));
        Assert.Equal("wal", database.Read(db => db.Rows("pragma journal_mode", r => r.GetString(0)))[0]);
        Assert.Equal(2, database.Read(db => db.Number("pragma synchronous")));
        Assert.Equal(1, database.Read(db => db.Number("pragma foreign_keys")));
        Assert.Equal(30_000, database.Read(db => db.Number("pragma busy_timeout")));
        Assert.Empty(database.Check());
    }

    [Fact]
    public void Shipped_migrations_are_numbered_from_1_without_gaps()
    {
        Assert.Equal(Enumerable.Range(1, Migrations.Shipped.Count), Migrations.Shipped.Select(m => m.Number));
    }

    [Fact]
    public void Many_that_open_a_new_studio_at_once_all_get_it()
    {
        Parallel.For(0, 8, new() { MaxDegreeOfParallelism = 8 }, _ =>
        {
            using var database = Open();
            Assert.Equal(0, database.Read(db => db.Number("select count(*) from images")));
        });
    }

    [Fact]
    public void Before_the_first_pending_migration_an_existing_studio_is_kept_as_it_was()
    {
        Open().Dispose();
        Migration[] migrations =
        [
            .. Migrations.Shipped,
            new(Next, "more", "create table more (id integer) strict"),
            new(Next + 1, "still_more", "create table still_more (id integer) strict"),
        ];

        Parallel.For(0, 4, new() { MaxDegreeOfParallelism = 4 }, _ =>
        {
            using var db = Sqlite.Open(_studio.Database);
            Migrations.Apply(db, _studio.Database, migrations);
            Assert.Equal(Next + 1, db.Number("pragma user_version"));
        });

        using var backup = Sqlite.Open(Migrations.BackupPath(_studio.Database, Next - 1), SqliteOpenMode.ReadOnly);
        Assert.Equal(Next - 1, backup.Number("pragma user_version"));
        Assert.Equal(0, backup.Number("select count(*) from sqlite_master where name like '%more'"));
        Assert.Single(Directory.EnumerateFiles(_studio.Root, "*.backup*"));
    }

    [Fact]
    public void A_migration_that_fails_leaves_the_version_before_it()
    {
        Open().Dispose();
        using var db = Sqlite.Open(_studio.Database);

        Assert.Throws<SqliteException>(() => Migrations.Apply(db, _studio.Database,
            [.. Migrations.Shipped, new(Next, "bad", "create table more (id integer) strict; select nonsense")]));

        Assert.Equal(Next - 1, db.Number("pragma user_version"));
        Assert.Equal(0, db.Number("select count(*) from sqlite_master where name = 'more'"));
    }

    [Fact]
    public void A_studio_of_a_later_version_is_refused_with_what_to_do()
    {
        Open().Dispose();
        using (var db = Sqlite.Open(_studio.Database))
        {
            db.Run("pragma user_version = 999");
        }

        var refusal = Assert.Throws<LibraryException>(Open);

        Assert.Contains("version 999", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Update Tastemaker", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_programs_database_is_refused_and_left_alone()
    {
        Directory.CreateDirectory(_studio.Root);
        using (var db = Sqlite.Open(_studio.Database))
        {
            db.Run("create table theirs (id integer)");
        }

        Assert.Contains("another program", Assert.Throws<LibraryException>(Open).Message, StringComparison.Ordinal);
        using var after = Sqlite.Open(_studio.Database);
        Assert.Equal(1, after.Number("select count(*) from sqlite_master"));
    }

    [Fact]
    public void A_damaged_file_is_named_with_the_backup_to_restore()
    {
        Directory.CreateDirectory(_studio.Root);
        File.WriteAllText(_studio.Database, new string('x', 10_000));
        Assert.Contains("Move it away", Assert.Throws<LibraryException>(Open).Message, StringComparison.Ordinal);

        var backup = _folder.File("studio/studio.db.0001.backup");
        var refusal = Assert.Throws<LibraryException>(Open);

        Assert.Contains(_studio.Database, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(backup, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_inside_is_found_by_the_check()
    {
        using (var database = Open())
        {
            new ImageLibrary(database).Add([.. Enumerable.Range(0, 2000).Select(ImageLibraryTests.Image)]);
        }

        using (var file = new FileStream(_studio.Database, FileMode.Open))
        {
            file.Seek(-3 * 4096, SeekOrigin.End);
            file.Write(new byte[2 * 4096]);
        }

        using var damaged = Open();
        Assert.NotEmpty(damaged.Check());
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_a_library_error()
    {
        var file = _folder.File("file");

        Assert.Throws<LibraryException>(() => StudioDatabase.Open(new(Path.Combine(file, "studio")), TimeProvider.System));
    }

    private static int Next => Migrations.Shipped[^1].Number + 1;

    private StudioDatabase Open() => StudioDatabase.Open(_studio, TimeProvider.System);
}
