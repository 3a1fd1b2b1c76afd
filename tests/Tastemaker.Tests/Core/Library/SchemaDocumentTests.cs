using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;

namespace Tastemaker.Tests.Core.Library;

public sealed class SchemaDocumentTests
{
    [Fact]
    public void Every_table_and_column_has_its_sentence()
    {
        using var folder = new TempFolder();
        using var database = StudioDatabase.Open(new StudioFolder(folder.Path), TimeProvider.System);
        var inDatabase = database.Read(db => db.Rows(
            """
            select t.name || '.' || c.name from sqlite_master t join pragma_table_info(t.name) c
            where t.type = 'table' and t.name not like 'sqlite_%' order by 1
            """, row => row.GetString(0)));

        var tables = SchemaDocument.Tables(Migrations.Shipped);

        Assert.Equal(inDatabase, tables.SelectMany(t => t.Columns.Select(c => $"{t.Name}.{c.Name}")).Order(StringComparer.Ordinal));
        Assert.All(tables, t => Assert.EndsWith(".", t.Sentence, StringComparison.Ordinal));
        Assert.All(tables.SelectMany(t => t.Columns), c => Assert.EndsWith(".", c.Sentence, StringComparison.Ordinal));
    }

    [Fact]
    public void Docs_database_md_is_up_to_date()
    {
        var file = Path.Combine(Goldens.Repository, "docs", "database.md");
        var expected = SchemaDocument.Markdown(Migrations.Shipped);
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, expected);
        }

        Assert.True(File.Exists(file), $"No {file}. Run with UPDATE_SNAPSHOTS=1 and review the file.");
        Assert.Equal(expected, File.ReadAllText(file));
    }
}
