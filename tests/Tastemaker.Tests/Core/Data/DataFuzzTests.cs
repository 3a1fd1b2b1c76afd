using System.Text;
using Tastemaker.Core.Data;
using Tastemaker.Core.Data.Prompts;
using Tastemaker.Core.Platform.Tables;
using Tastemaker.Nets.Weights;
using TarReader = Tastemaker.Core.Data.Tars.TarReader;

namespace Tastemaker.Tests.Core.Data;

/// <summary>Files of <c>Goldens/tables</c>, whole and spoilt (<see cref="Fuzz"/>): CSV and its JSON, tars, NumPy's arrays.</summary>
public sealed class DataFuzzTests : IDisposable
{
    private const int LongestMember = 1 << 16;

    private static readonly string Folder = Path.Combine(Goldens.Own, "tables");

    private static readonly byte[][] Fragments =
    [
        [.. "\""u8], [.. "\"\""u8], [.. ",\""u8], [.. "\r\n"u8], [.. "\\u"u8], [.. "\\ud800"u8], [0xFF], [.. "1e999"u8], [.. "-S 99999999999999999999"u8], [.. "_-S_-1_"u8], [.. "[[[[[[[[[[[[[[[[[["u8],
        [.. "{\"raw_discord_data\":"u8], [.. "null"u8], [.. "_idx--3"u8], [.. "The seeds for each individual image are: ["u8], [.. "!dream \""u8], [.. "`"u8],
        [.. "77777777777\0"u8], [0x80, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [.. "ustar\0"u8], [.. "99999999 path=x\n"u8], [.. "12 size=-1\n"u8], new byte[512],
        [.. "'descr': '<O8'"u8], [.. "(4294967296, 4294967296)"u8], [.. "'fortran_order': True"u8], [.. "(-1, 3)"u8],
    ];

    private readonly TempFolder _folder = new();

    public static TheoryData<string> Corpus => Fuzz.Corpus(Folder);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Corpus))]
    public void Every_file_of_the_corpus_is_read_or_named(string name) => Check(name, File.ReadAllBytes(Path.Combine(Folder, name)));

    [Fact]
    public void Spoilt_files_are_read_or_named() => Fuzz.Run(Folder, Fragments, Check);

    private void Check(string name, byte[] bytes)
    {
        try
        {
            switch (Path.GetExtension(name))
            {
                case ".csv":
                    Table(_folder.Write("spoilt.csv", bytes));
                    break;
                case ".json":
                    Row(bytes);
                    break;
                case ".tar":
                    Tar(Signed(bytes));
                    break;
                default:
                    Array(bytes);
                    break;
            }
        }
        catch (Exception e) when (e is DataException or WeightException)
        {
            Assert.NotEmpty(e.Message);
        }
    }

    /// <summary>Every byte is in a record or on a line that is named.</summary>
    private static void Table(string path)
    {
        using var records = new CsvRecords(path, 2);
        var read = 0;
        while (records.Read())
        {
            read++;
            Row(records[1]);
        }

        Assert.All(records.PassedOver, failure => Assert.EndsWith(".", failure.Reason, StringComparison.Ordinal));
        Assert.True(read + records.PassedOver.Count > 0 || File.ReadAllBytes(path).All(b => b is (byte)'\n' or (byte)'\r'));
    }

    private static void Row(ReadOnlySpan<byte> json)
    {
        var row = new OpenPrompt();
        if (row.TryRead(json))
        {
            Assert.True(row.Index is null or >= 0);
            Assert.True(row.Cfg is null || double.IsFinite(row.Cfg.Value));
        }
    }

    private static void Tar(byte[] bytes)
    {
        var reader = new TarReader(new MemoryStream(bytes));
        for (var members = 0; reader.Next() is { } entry; members++)
        {
            Assert.True(members <= bytes.Length / 512);
            Assert.Equal(entry.Size, reader.Read(LongestMember).Length);
        }
    }

    /// <summary>With the sums of the headers made right, so that what is spoilt in them is looked at.</summary>
    private static byte[] Signed(byte[] bytes)
    {
        for (var at = 0; at + 512 <= bytes.Length; at += 512)
        {
            var header = bytes.AsSpan(at, 512);
            if (header[257..262].SequenceEqual("ustar"u8))
            {
                header.Slice(148, 8).Fill((byte)' ');
                var sum = 0;
                foreach (var b in header)
                {
                    sum += b;
                }

                Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ", header.Slice(148, 8));
            }
        }

        return bytes;
    }

    private static void Array(byte[] bytes)
    {
        var npy = NpyFile.Open(ByteSource.Of(bytes));
        var row = new float[npy.Width];
        for (var i = 0; i < npy.Rows; i++)
        {
            npy.Read(i, row);
        }
    }
}
