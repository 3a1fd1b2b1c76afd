using System.Text;
using Tastemaker.Native;
using Tastemaker.Native.DuckDb;

namespace Tastemaker.Tests.Native;

/// <summary>Alone, because the count of live handles is the process's.</summary>
[Collection(nameof(LeakTests))]
public sealed class DuckDbTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void Rows_of_every_readable_type_come_back_with_their_nulls()
    {
        using var database = Open();
        using var connection = database.Connect();

        using var rows = connection.Query("""
            select i, i::tinyint a, i::smallint b, i::integer c, i::utinyint d, i::usmallint e, i::uinteger f, i::ubigint g,
                i / 2.0::double h, (i / 4.0)::float j, i > 1 k, repeat('x', i * 20) t, case when i = 1 then null else i end n
            from range(3) r(i) order by i
            """, Cancel);

        Assert.Equal(["i", "a", "b", "c", "d", "e", "f", "g", "h", "j", "k", "t", "n"], rows.Names);
        for (var i = 0; i < 3; i++)
        {
            Assert.True(rows.Read());
            Assert.All(Enumerable.Range(0, 8), column => Assert.Equal(i, rows.Int64(column)));
            Assert.Equal((i / 2.0, i / 4.0, i > 1), (rows.Double(8), rows.Double(9), rows.Bool(10)));
            Assert.Equal(new string('x', 20 * i), rows.Text(11));
            Assert.Equal(i == 1, rows.IsNull(12));
        }

        Assert.False(rows.Read());
        Assert.False(rows.Read());
        Assert.Throws<InvalidOperationException>(() => rows.Int64(0));
    }

    [Fact]
    public void Many_rows_are_streamed_in_order()
    {
        using var database = Open();
        using var connection = database.Connect();
        using var rows = connection.Query("select i, i::varchar from range(100000) r(i)", Cancel);

        for (var i = 0; i < 100_000; i++)
        {
            Assert.True(rows.Read());
            Assert.Equal(i, rows.Int64(0));
        }

        Assert.False(rows.Read());
    }

    [Fact]
    public void Parameters_reach_the_statement_as_they_are()
    {
        using var database = Open();
        using var connection = database.Connect();

        using var rows = connection.Query("select ?, ?, ?, ?, ?", Cancel, "it's a \"ü\" \0 ;--", 7L, 2.5, null, "");

        Assert.True(rows.Read());
        Assert.Equal("it's a \"ü\" \0 ;--", rows.Text(0));
        Assert.Equal((7L, 2.5), (rows.Int64(1), rows.Double(2)));
        Assert.True(rows.IsNull(3));
        Assert.Equal("", rows.Text(4));
    }

    [Fact]
    public void What_is_appended_is_in_the_table()
    {
        using var database = Open();
        using var connection = database.Connect();
        connection.Run("create table t (a bigint, b varchar, c double, d boolean, e float)", Cancel);
        using (var appender = connection.Append("t"))
        {
            foreach (var i in Enumerable.Range(0, 5000))
            {
                appender.Add((long?)i);
                appender.Add(i % 2 == 0 ? $"text {i}" : null);
                appender.Add(i / 4.0);
                appender.Add(i == 7);
                appender.Add(0.5f);
                appender.EndRow();
            }

            appender.Close();
        }

        using var rows = connection.Query("select count(*), count(b), sum(c), count(*) filter (where d), sum(e), max(b) filter (where a < 10) from t", Cancel);
        Assert.True(rows.Read());
        Assert.Equal((5000, 2500, 4999 * 5000 / 8.0, 1, 2500.0, "text 8"), (rows.Int64(0), rows.Int64(1), rows.Double(2), rows.Int64(3), rows.Double(4), rows.Text(5)));
        Assert.Throws<DuckDbException>(() => connection.Append("no_such_table"));
    }

    [Fact]
    public void A_statement_that_is_wrong_says_why()
    {
        using var database = Open();
        using var connection = database.Connect();

        Assert.Contains("nowhere", Assert.Throws<DuckDbException>(() => connection.Run("select * from nowhere", Cancel)).Message, StringComparison.Ordinal);
        Assert.Throws<DuckDbException>(() =>
        {
            using var rows = connection.Query("select ('x' || i)::bigint from range(10) r(i)", Cancel);
            rows.Read();
        });
        Assert.Equal(0, connection.Run("create table still (works bigint)", Cancel));
    }

    [Fact]
    public void Only_the_named_files_can_be_touched_and_nothing_can_change_that()
    {
        var (mine, other) = (_folder.File("mine's [1]*.csv", "a\n1\n"), _folder.File("other.csv", "a\n2\n"));
        using var database = Open(mine);
        using var connection = database.Connect();

        using (var rows = connection.Query($"select a from read_csv({DuckDbText.Literal(mine)})", Cancel))
        {
            Assert.True(rows.Read());
        }

        foreach (var statement in new[]
        {
            $"select * from read_csv({DuckDbText.Literal(other)})", $"copy (select 1) to {DuckDbText.Literal(_folder["new.csv"])}",
            $"select * from read_csv({DuckDbText.Literal(_folder["*.csv"])})", $"attach {DuckDbText.Literal(_folder["x.db"])}",
            "set enable_external_access = true", "set threads = 64", "install httpfs", "load httpfs", "select * from 'http://127.0.0.1:1/x.csv'",
        })
        {
            Assert.Throws<DuckDbException>(() => connection.Run(statement, Cancel));
        }
    }

    [Fact]
    public async Task A_long_statement_is_cancelled()
    {
        using var database = Open();
        using var connection = database.Connect();
        using var cancel = new CancellationTokenSource();
        var running = Task.Run(() => connection.Run("select count(*) from range(1000000) a, range(1000000) b where hash(a.range, b.range) = 7", cancel.Token), TestContext.Current.CancellationToken);
        await Task.Delay(50, TestContext.Current.CancellationToken);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(0, connection.Run("create table still (works bigint)", Cancel));
    }

    [Fact]
    public void Everything_is_released_also_after_errors()
    {
        UseEverything();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = LiveHandles.Count;

        UseEverything();

        Assert.Equal(before, LiveHandles.Count);

        void UseEverything()
        {
            using var database = Open();
            using var connection = database.Connect();
            connection.Run("create table t (a varchar)", Cancel);
            using (var appender = connection.Append("t"))
            {
                appender.Add(Encoding.UTF8.GetBytes("text"));
                Assert.Throws<DuckDbException>(() => appender.Add("one too many"));
            }

            Assert.Throws<DuckDbException>(() => connection.Append("q"));
            Assert.Throws<DuckDbException>(() => connection.Query("select", Cancel));
            using var rows = connection.Query("select range from range(10000)", Cancel);
            Assert.True(rows.Read());
        }
    }

    public void Dispose() => _folder.Dispose();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private DuckDbDatabase Open(params string[] files) => DuckDbDatabase.OpenInMemory(new() { TempFolder = _folder["duck.tmp"], Threads = 2, Files = files });
}
