using System.Formats.Tar;
using System.Text;
using Tastemaker.Core.Data;
using MemberReader = Tastemaker.Core.Data.Tars.TarReader;

namespace Tastemaker.Tests.Core.Data.Tars;

public sealed class TarReaderTests
{
    [Theory]
    [InlineData(TarEntryFormat.Ustar)]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    [InlineData(TarEntryFormat.V7)]
    public void What_another_writer_wrote_is_read_in_order(TarEntryFormat format)
    {
        (string Name, byte[] Bytes)[] files =
        [
            ("00000/000000000.jpg", new byte[700]), ("empty.txt", []), ("b.json", "{}"u8.ToArray()),
            .. format is TarEntryFormat.Pax or TarEntryFormat.Gnu ? new[] { ($"{new string('n', 150)}/ü{new string('m', 120)}.png", new byte[512]) } : [],
        ];

        var reader = new MemberReader(Tar(format, files));

        foreach (var (name, bytes) in files)
        {
            var entry = reader.Next();
            Assert.Equal((name, (long)bytes.Length, true), (entry!.Name, entry.Size, entry.IsFile));
            if (bytes.Length != 700)
            {
                Assert.Equal(bytes, reader.Read(1000));
            }
        }

        Assert.Null(reader.Next());
    }

    [Fact]
    public void A_size_beyond_the_file_or_the_limit_is_never_allocated()
    {
        var bytes = Tar(TarEntryFormat.Ustar, [("big.jpg", new byte[100])]).ToArray();
        "77777777777\0"u8.CopyTo(bytes.AsSpan(124)); // 8 GB
        Sign(bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var reader = new MemberReader(new MemoryStream(bytes));
        Assert.Equal((8L << 30) - 1, reader.Next()!.Size);

        Assert.Contains("at most 1000 are read", Assert.Throws<DataException>(() => reader.Read(1000)).Message, StringComparison.Ordinal);
        Assert.Contains("ends inside 'big.jpg'", Assert.Throws<DataException>(reader.Next).Message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void A_size_in_binary_is_read_and_one_that_is_no_number_refused()
    {
        var bytes = Tar(TarEntryFormat.Ustar, [("a.txt", "abc"u8.ToArray())]).ToArray();
        new byte[] { 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3 }.CopyTo(bytes.AsSpan(124));
        Sign(bytes);
        var reader = new MemberReader(new MemoryStream(bytes));
        Assert.Equal(3, reader.Next()!.Size);
        Assert.Equal("abc"u8, reader.Read(3));

        foreach (var field in new[] { "00000000009\0"u8.ToArray(), [0xff, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255] })
        {
            field.CopyTo(bytes.AsSpan(124));
            Sign(bytes);
            Assert.Throws<DataException>(() => new MemberReader(new MemoryStream(bytes)).Next());
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(148)]
    [InlineData(300)]
    public void A_damaged_header_is_refused_with_its_place(int at)
    {
        var bytes = Tar(TarEntryFormat.Ustar, [("a.txt", new byte[512]), ("b.txt", new byte[3])]).ToArray();
        bytes[1024 + at] ^= 0x15;
        var reader = new MemberReader(new MemoryStream(bytes));
        Assert.Equal("a.txt", reader.Next()!.Name);

        Assert.Contains("byte 1024", Assert.Throws<DataException>(reader.Next).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tar_cut_anywhere_ends_in_a_message_or_at_a_member()
    {
        var bytes = Tar(TarEntryFormat.Pax, [($"{new string('n', 150)}.txt", new byte[600]), ("b.txt", new byte[3])]).ToArray();

        for (var length = 0; length < bytes.Length; length += 37)
        {
            var reader = new MemberReader(new MemoryStream(bytes[..length]));
            try
            {
                while (reader.Next() is { } entry)
                {
                    reader.Read(600);
                }
            }
            catch (DataException e)
            {
                Assert.NotEmpty(e.Message);
            }
        }
    }

    private static MemoryStream Tar(TarEntryFormat format, IEnumerable<(string Name, byte[] Bytes)> files)
    {
        var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, format, leaveOpen: true))
        {
            foreach (var (name, bytes) in files)
            {
                bool Named<TEntry>(TEntry entry)
                    where TEntry : System.Formats.Tar.TarEntry
                {
                    entry.DataStream = new MemoryStream(bytes);
                    writer.WriteEntry(entry);
                    return true;
                }

                _ = format switch
                {
                    TarEntryFormat.Ustar => Named(new UstarTarEntry(TarEntryType.RegularFile, name)),
                    TarEntryFormat.Pax => Named(new PaxTarEntry(TarEntryType.RegularFile, name)),
                    TarEntryFormat.Gnu => Named(new GnuTarEntry(TarEntryType.RegularFile, name)),
                    _ => Named(new V7TarEntry(TarEntryType.V7RegularFile, name)),
                };
            }
        }

        stream.Position = 0;
        return stream;
    }

    private static void Sign(byte[] bytes)
    {
        var sum = bytes.Take(512).Select((b, i) => i is >= 148 and < 156 ? 32 : (int)b).Sum();
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(bytes, 148);
    }
}
