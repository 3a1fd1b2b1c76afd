using System.Runtime.InteropServices;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;
using Tastemaker.Tests.Core.Library;

namespace Tastemaker.Tests.Core.Embedding;

public sealed class VectorStoreTests : IDisposable
{
    internal const int Dims = 24;

    private readonly TempFolder _folder = new();
    private readonly StudioFolder _studio;
    private readonly StudioDatabase _database;
    private readonly ImageLibrary _library;

    public VectorStoreTests()
    {
        _studio = new(_folder.Path);
        _database = StudioDatabase.Open(_studio, TimeProvider.System);
        _library = new(_database);
    }

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    /// <summary>What every test appends for an image, so that whoever reads it can tell whether it is right. Exact as float16.</summary>
    internal static NewVector Vector(long image) => new(image, Numbers(image));

    internal static float[] Numbers(long image) => [.. Enumerable.Range(0, Dims).Select(i => (float)((image + (i * i)) % 2039))];

    [Fact]
    public void What_was_appended_is_read_back_in_the_order_asked_for()
    {
        var ids = Images(5);
        var store = Open();

        Assert.Equal(3, store.Append([Vector(ids[0]), Vector(ids[1]), Vector(ids[3])]));
        Assert.Equal(1, store.Append([Vector(ids[3]), Vector(ids[4]), Vector(ids[4]), Vector(999)]));

        Assert.Equal([Numbers(ids[4]), null, Numbers(ids[0]), Numbers(ids[4])], store.Read([ids[4], ids[2], ids[0], ids[4]]));
        Assert.Equal([ids[2]], _library.ImagesWithout(store.Fingerprint));
        Assert.Equal(4, store.Count());
    }

    [Fact]
    public void All_rows_lie_mapped_in_runs_and_skip_what_is_gone()
    {
        var ids = Images(10);
        var store = Open();
        store.Append([.. ids.Select(Vector)]);
        _database.Write(db => db.Run("delete from images where id = $id", ("$id", ids[4])));

        using var rows = store.Rows();

        Assert.Equal([new(0, 3), new(3, 1), new(4, 3), new(7, 2)], rows.Runs(most: 3));
        Assert.Equal(ids.Where(id => id != ids[4]), Enumerable.Range(0, rows.Count).Select(rows.ImageId));
        foreach (var run in rows.Runs())
        {
            for (var i = 0; i < run.Count; i++)
            {
                var halves = MemoryMarshal.Cast<byte, Half>(rows.Bytes(run).Slice(i * rows.Stride, Dims * 2));
                Assert.Equal(Numbers(rows.ImageId(run.First + i)), halves.ToArray().Select(h => (float)h));
            }
        }
    }

    [Fact]
    public void A_store_without_vectors_is_empty_in_every_way()
    {
        var store = Open();
        using var rows = store.Rows();

        Assert.Equal(0, rows.Count);
        Assert.Empty(rows.Runs());
        Assert.Equal([null], store.Read([1]));
        Assert.Empty(store.Verify());
        Assert.False(File.Exists(store.Path));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_number_that_is_not_finite_is_refused_and_the_others_are_kept(float bad)
    {
        var ids = Images(2);
        var store = Open();
        store.Append([Vector(ids[0])]);

        Assert.Throws<EmbeddingException>(() => store.Append([new(ids[1], (float[])[.. Numbers(ids[1])[1..], bad])]));

        Assert.Equal([Numbers(ids[0]), null], store.Read(ids));
    }

    [Fact]
    public void Rows_that_no_commit_named_are_written_over()
    {
        var ids = Images(3);
        var store = Open();
        store.Append([Vector(ids[0])]);
        File.AppendAllBytes(store.Path, new byte[100_000]);

        store.Append([Vector(ids[1])]);
        Open().Append([Vector(ids[2])]);

        Assert.Equal(ids.Select(Numbers), Open().Read(ids));
        Assert.Empty(store.Verify());
    }

    [Fact]
    public void A_file_that_lost_its_end_loses_those_names_and_they_are_appended_again()
    {
        var ids = Images(10);
        var store = Open();
        store.Append([.. ids.Select(Vector)]);
        using (var file = new FileStream(store.Path, FileMode.Open))
        {
            file.SetLength(file.Length - (2 * store.Stride) - 1);
        }

        var reopened = Open();

        Assert.Equal(ids[7..], reopened.Dropped.Order());
        Assert.Equal(ids[7..], _library.ImagesWithout(store.Fingerprint));
        reopened.Append([.. ids.Select(Vector)]);
        Assert.Equal(ids.Select(Numbers), reopened.Read(ids));
        Assert.Empty(Open().Dropped);
    }

    [Fact]
    public void A_missing_file_loses_all_names()
    {
        var ids = Images(3);
        var store = Open();
        store.Append([.. ids.Select(Vector)]);
        File.Delete(store.Path);

        Assert.Equal(ids, Open().Dropped.Order());
        Assert.Equal(0, store.Count());
    }

    [Fact]
    public void A_damaged_row_is_never_read_and_found_by_verify()
    {
        var ids = Images(1000);
        var store = Open();
        store.Append([.. ids.Select(Vector)]);
        using (var file = new FileStream(store.Path, FileMode.Open))
        {
            file.Position = VectorFile.Offset(5, store.Stride) + 3;
            file.WriteByte(0xA5);
        }

        Assert.Equal([null, Numbers(ids[6])], store.Read([ids[5], ids[6]]));
        Assert.Empty(Open().Dropped); // Longer ago than a crash can reach back.
        Assert.Equal([ids[5]], store.Verify());
        Assert.Equal([ids[5]], _library.ImagesWithout(store.Fingerprint));
    }

    [Fact]
    public void Another_encoders_file_is_refused_with_what_to_do()
    {
        var ids = Images(1);
        var (store, other) = (Open(), Open("other"));
        store.Append([Vector(ids[0])]);
        other.Append([Vector(ids[0])]);
        File.Copy(other.Path, store.Path, overwrite: true);

        var refusal = Assert.Throws<EmbeddingException>(() => Open());

        Assert.Contains(store.Path, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Move it away", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_fingerprint_has_one_number_of_dimensions()
    {
        Open();

        Assert.Throws<EmbeddingException>(() => VectorStore.Open(_database, _studio, "other", "fingerprint", Dims + 1));
        Assert.Throws<ArgumentException>(() => VectorStore.Open(_database, _studio, "other", "../climb", Dims));
        Assert.Throws<ArgumentException>(() => Open().Append([new(1, new float[Dims - 1])]));
    }

    [Fact]
    public void Many_stores_that_append_at_once_lose_nothing()
    {
        var ids = Images(400);
        Parallel.For(0, 4, new() { MaxDegreeOfParallelism = 4 }, worker =>
        {
            using var database = StudioDatabase.Open(_studio, TimeProvider.System);
            var store = Open(database: database);
            foreach (var part in ids[(worker * 80)..((worker * 80) + 160)].Chunk(20)) // Neighbours overlap by half.
            {
                store.Append([.. part.Select(Vector)]);
            }
        });

        Assert.Empty(Open().Verify());
        Assert.Equal(ids.Select(Numbers), Open().Read(ids));
        Assert.Equal(400, Open().Count());
    }

    private VectorStore Open(string fingerprint = "fingerprint", StudioDatabase? database = null) =>
        VectorStore.Open(database ?? _database, _studio, "tiny", fingerprint, Dims);

    private long[] Images(int count) => _library.Add([.. Enumerable.Range(0, count).Select(ImageLibraryTests.Image)]);
}
