using Microsoft.Data.Sqlite;

namespace Tastemaker.Core.Library;

/// <summary>Our own SQL with its parameters, run and read in one expression.</summary>
internal static class SqlExtensions
{
    extension(SqliteConnection db)
    {
        /// <param name="sql">Constant text of ours; values go in as parameters.</param>
        public SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
        {
            var command = db.CreateCommand();
#pragma warning disable CA2100 // Every caller passes constant text.
            command.CommandText = sql;
#pragma warning restore CA2100
            foreach (var (name, value) in parameters)
            {
                command.Parameters.AddWithValue(name, value ?? DBNull.Value);
            }

            return command;
        }

        public int Run(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
        {
            using var command = db.Command(sql, parameters);
            return command.ExecuteNonQuery();
        }

        public long Number(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
        {
            using var command = db.Command(sql, parameters);
            return (long)command.ExecuteScalar()!;
        }

        public List<T> Rows<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object? Value)> parameters)
        {
            using var command = db.Command(sql, parameters);
            using var reader = command.ExecuteReader();
            var rows = new List<T>();
            while (reader.Read())
            {
                rows.Add(read(reader));
            }

            return rows;
        }
    }
}
