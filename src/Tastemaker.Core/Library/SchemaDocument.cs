using System.Text;

namespace Tastemaker.Core.Library;

/// <summary>Writes <c>docs/database.md</c> from the schema's own comments: the lines before a table or column are its sentence.</summary>
internal static class SchemaDocument
{
    public static string Markdown(IReadOnlyList<Migration> migrations)
    {
        var text = new StringBuilder(
            """
            # The studio's database

            `studio.db` in the studio folder is one SQLite file; every table is `strict`, and times are UTC text in ISO 8601.
            This page is made from the comments in `src/Tastemaker.Core/Library/Schema/`; edit those.

            """.ReplaceLineEndings("\n"));
        foreach (var table in Tables(migrations))
        {
            text.Append($"\n## {table.Name}\n\n{table.Sentence}\n\n| column | type | meaning |\n| --- | --- | --- |\n");
            foreach (var column in table.Columns)
            {
                text.Append($"| `{column.Name}` | {column.Type} | {column.Sentence} |\n");
            }
        }

        return text.ToString();
    }

    internal static IReadOnlyList<Table> Tables(IReadOnlyList<Migration> migrations)
    {
        var tables = new List<Table>();
        foreach (var migration in migrations)
        {
            var comment = "";
            Table? open = null;
            foreach (var line in migration.Sql.Split('\n').Select(l => l.Trim()))
            {
                if (line.StartsWith("-- ", StringComparison.Ordinal))
                {
                    comment = $"{comment} {line[3..]}".Trim();
                    continue;
                }

                var words = line.Split([' ', '(', ','], StringSplitOptions.RemoveEmptyEntries);
                switch (words)
                {
                    case ["create", "table", var name, ..]:
                        open = new(name, comment, []);
                        tables.Add(open);
                        break;
                    case ["alter", "table", var altered, "add", "column", var name, var type, ..]:
                        tables.Single(t => t.Name == altered).Columns.Add(new(name, type, comment));
                        break;
                    case [var name, "integer" or "text" or "blob" or "real" or "any", ..] when open is not null:
                        open.Columns.Add(new(name, words[1], comment));
                        break;
                    case [")", ..] or [");", ..]:
                        open = null;
                        break;
                }

                comment = "";
            }
        }

        return tables;
    }

    internal sealed record Table(string Name, string Sentence, List<Column> Columns);

    internal sealed record Column(string Name, string Type, string Sentence);
}
