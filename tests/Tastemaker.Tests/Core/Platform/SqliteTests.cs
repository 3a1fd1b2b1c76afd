using Tastemaker.Core.Platform;

namespace Tastemaker.Tests.Core.Platform;

public sealed class SqliteTests
{
    [Fact]
    public void The_systems_library_serves_and_tells_its_version()
    {
        using var db = Sqlite.Open(":memory:");
        using var command = db.CreateCommand();
        command.CommandText = "select sqlite_version()";

        Assert.Equal(Sqlite.Version.ToString(), command.ExecuteScalar());
        Assert.True(Sqlite.Version >= Sqlite.Oldest);
        Assert.NotEmpty(Sqlite.LibraryName);
    }
}
