using System.Text;
using Tastemaker.Core.Platform;
using Tastemaker.Core.Platform.Tables;

namespace Tastemaker.Tests.Core.Platform.Tables;

public sealed class CsvRecordsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a,b\n", "a|b")]
    [InlineData("a,b", "a|b")]
    [InlineData("a,b\r\nc,d\r\n", "a|b c|d")]
    [InlineData("\"a,\"\"1\"\"\",\"two\nlines\"\n", "a,\"1\"|two\nlines")]
    [InlineData("\n\na,\n,\n", "a| |")]
    [InlineData("it\"s,5\" x\n", "it\"s|5\" x")]
    [InlineData("\"a\"\r\n,b\n\"\",\"\"\n", "|b |")] // The first has one field only.
    public void Fields_are_read_as_they_were_meant(string csv, string records) => Assert.Equal(records, Read(csv).Records);

    [Theory]
    [InlineData("a,b\nc\nd,e\n", "a|b d|e", "the line 2 is passed over: it has 1 fields, not 2.")]
    [InlineData("a,b\n\"x\ny\",b,c\nd,e\n", "a|b d|e", "the line 2 is passed over: it has 3 fields, not 2.")]
    [InlineData("a,b\nc,\"d\ne,f\n", "a|b", "the line 2 is passed over: a quote is not closed.")]
    public void What_is_no_record_is_passed_over_by_its_line(string csv, string records, string reason)
    {
        var read = Read(csv);

        Assert.Equal(records, read.Records);
        Assert.Equal([reason], read.PassedOver.Select(f => f.Reason));
    }

    [Fact]
    public void What_is_not_UTF8_is_passed_over()
    {
        var path = _folder["t.csv"];
        File.WriteAllBytes(path, [.. "a,"u8, 0xFF, .. "\nb,c\n"u8]);

        using var records = new CsvRecords(path, 2);

        Assert.True(records.Read());
        Assert.Equal("b", Encoding.UTF8.GetString(records[0]));
        Assert.Contains("line 1 is passed over: it is not UTF-8", Assert.Single(records.PassedOver).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_field_of_a_hundred_megabytes_is_passed_over_in_little_memory()
    {
        var path = _folder["t.csv"];
        using (var file = new StreamWriter(path))
        {
            file.Write("a,\"");
            for (var i = 0; i < 100; i++)
            {
                file.Write(new string('x', 1 << 20));
            }

            file.Write("\"\nb,c\n");
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        using var records = new CsvRecords(path, 2);

        Assert.True(records.Read());
        Assert.Equal("c", Encoding.UTF8.GetString(records[1]));
        Assert.Contains("it has more than 4194304 bytes", Assert.Single(records.PassedOver).Reason, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32 << 20);
    }

    [Fact]
    public void Any_table_is_read_back_as_it_was_written()
    {
        var dice = new Random(4);
        string[] letters = ["a", "\"", ",", "\n", "\r\n", " ", "ü", "🙂", new string('x', 3000), ""];
        var table = Enumerable.Range(0, 3000).Select(_ => Enumerable.Range(0, 3)
            .Select(_ => string.Concat(Enumerable.Range(0, dice.Next(6)).Select(_ => letters[dice.Next(letters.Length)]))).ToArray()).ToList();
        var csv = string.Concat(table.Select(row => string.Join(',', row.Select(field => $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")) + (dice.Next(2) == 0 ? "\n" : "\r\n")));
        var path = _folder.File("t.csv", csv);

        using var records = new CsvRecords(path, 3);

        foreach (var row in table)
        {
            Assert.True(records.Read());
            Assert.Equal(string.Join("|", row), $"{Encoding.UTF8.GetString(records[0])}|{Encoding.UTF8.GetString(records[1])}|{Encoding.UTF8.GetString(records[2])}");
        }

        Assert.False(records.Read());
        Assert.Empty(records.PassedOver);
    }

    private (string Records, IReadOnlyList<Failure> PassedOver) Read(string csv)
    {
        using var records = new CsvRecords(_folder.File("t.csv", csv), 2);
        var all = new List<string>();
        while (records.Read())
        {
            all.Add($"{Encoding.UTF8.GetString(records[0])}|{Encoding.UTF8.GetString(records[1])}");
        }

        return (string.Join(' ', all), records.PassedOver);
    }
}
