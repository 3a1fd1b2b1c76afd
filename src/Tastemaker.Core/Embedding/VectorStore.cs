using Tastemaker.Core.Library;
using Tastemaker.Core.Platform;
using Tastemaker.Native;

namespace Tastemaker.Core.Embedding;

/// <summary>
/// The feature vectors of one encoder: rows of float16 in one file, which row is whose in <c>studio.db</c>.
/// </summary>
/// <remarks>
/// Any number of processes append at once, and each may be killed at any moment. An append takes the database's write lock,
/// writes its rows after the last one that is named, flushes them to the disk, and only then names them: what is named is whole.
/// Rows without a name are free and are written over by the next append. Should a disk have lied about the flush, opening drops
/// the names of rows that are not whole, and those images count as not encoded.
/// </remarks>
public sealed class VectorStore
{
    // The last batches of several processes; whatever is older was on the disk long before.
    private const int TailRows = 512;

    private const int RowsPerWrite = 1024;

    private readonly StudioDatabase _database;
    private readonly long _encoder;

    private VectorStore(StudioDatabase database, string path, string fingerprint, int dims, long encoder)
    {
        _database = database;
        _encoder = encoder;
        Path = path;
        Fingerprint = fingerprint;
        Dims = dims;
        Stride = VectorFile.Stride(dims);
    }

    /// <summary>Of the file with the rows; it is there once something was appended.</summary>
    internal string Path { get; }

    internal string Fingerprint { get; }

    /// <summary>Numbers in one vector.</summary>
    public int Dims { get; }

    /// <summary>From the start of one row to the start of the next, in bytes: the numbers, and 4 bytes of check.</summary>
    public int Stride { get; }

    /// <summary>The images whose vectors were found damaged when the store was opened: they are to be encoded again.</summary>
    internal IReadOnlyList<long> Dropped { get; private set; } = [];

    /// <summary>Opens an encoder's vectors, making the encoder known where it is new.</summary>
    /// <param name="fingerprint">Letters, digits, <c>-</c> and <c>_</c>, at most 128: it names the file.</param>
    /// <exception cref="EmbeddingException">The file is not this encoder's, or the encoder is known with other dimensions.</exception>
    public static VectorStore Open(StudioDatabase database, StudioFolder studio, string name, string fingerprint, int dims)
    {
        if (fingerprint.Length is 0 or > 128 || !fingerprint.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            throw new ArgumentException($"'{fingerprint}' cannot name a file.", nameof(fingerprint));
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dims);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dims, 1 << 16);

        var path = System.IO.Path.Combine(studio.Vectors, $"{fingerprint}.f16rows");
        var (encoder, known) = database.Read(db => VectorQueries.Encoder(db, fingerprint))
            ?? database.Write(db => VectorQueries.AddEncoder(db, name, fingerprint, dims, database.Now));
        if (known != dims)
        {
            throw new EmbeddingException($"encoder '{fingerprint}' is known with {known} numbers an image; this one gives {dims}. "
                + "Two encoders cannot have one fingerprint.");
        }

        var store = new VectorStore(database, path, fingerprint, dims, encoder);
        store.Dropped = store.DropDamaged(TailRows);
        return store;
    }

    /// <summary>Checks every vector of every encoder, and drops the damaged: their images count as not encoded.</summary>
    /// <returns>How many were dropped.</returns>
    /// <exception cref="EmbeddingException">A file is not what the studio says it is.</exception>
    public static int Check(StudioDatabase database, StudioFolder studio) => database.Read(VectorQueries.Encoders).Sum(encoder =>
    {
        var store = Open(database, studio, encoder.Name, encoder.Fingerprint, encoder.Dims);
        return store.Dropped.Count + store.Verify().Count;
    });

    /// <summary>Where the next vector goes: a number that grows with every append, and is had at once in a store of any size.</summary>
    internal long End() => _database.Read(db => VectorQueries.NextRow(db, _encoder));

    public long Count() => _database.Read(db => VectorQueries.Count(db, _encoder));

    /// <summary>Keeps vectors, durably: they survive what happens after the return. An image that has one keeps it.</summary>
    /// <returns>How many were new.</returns>
    /// <exception cref="EmbeddingException">A number is not finite, or the disk refuses; nothing was kept.</exception>
    internal int Append(IReadOnlyList<NewVector> vectors)
    {
        foreach (var vector in vectors)
        {
            Demand(vector.Numbers.Span);
        }

        try
        {
            return _database.Write(db =>
            {
                var wanted = VectorQueries.Unnamed(db, _encoder, vectors.Select(v => v.ImageId));
                var rows = vectors.DistinctBy(v => v.ImageId).Where(v => wanted.ContainsKey(v.ImageId)).ToList();
                if (rows.Count > 0)
                {
                    var first = VectorQueries.NextRow(db, _encoder);
                    WriteRows(first, rows, wanted);
                    VectorQueries.Name(db, _encoder, first, rows.Select(r => r.ImageId));
                }

                return rows.Count;
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EmbeddingException($"feature vectors cannot be written to '{Path}': {e.Message}", e);
        }
    }

    /// <summary>The vectors as they are kept, in the order of the images that are asked for.</summary>
    /// <returns>One of <see cref="Dims"/> numbers for each; null where there is none, or a damaged one.</returns>
    public float[]?[] Read(IReadOnlyList<long> imageIds)
    {
        var found = new float[]?[imageIds.Count];
        var rows = _database.Read(db => VectorQueries.RowsOf(db, _encoder, imageIds));
        if (rows.Count == 0)
        {
            return found;
        }

        using var file = Map();
        foreach (var (index, row) in rows)
        {
            if (file is not null && row.Row < VectorFile.Rows(file.Length, Stride)
                && VectorFile.IsWhole(RowBytes(file, row.Row), row.ContentId))
            {
                found[index] = new float[Dims];
                VectorFile.Decode(RowBytes(file, row.Row), found[index]);
            }
        }

        return found;
    }

    /// <summary>All vectors as they are at this moment, in place: mapped, not copied. Later appends are not in it.</summary>
    public VectorRows Rows()
    {
        var named = _database.Read(db => VectorQueries.Named(db, _encoder));
        var file = named.Count == 0 ? null : Map();
        var there = file is null ? 0 : VectorFile.Rows(file.Length, Stride);
        return new(file, [.. named.TakeWhile(n => n.Row < there)], Stride, Dims);
    }

    /// <summary>Checks every row, and drops the names of those that are damaged.</summary>
    /// <returns>The images that are to be encoded again.</returns>
    internal IReadOnlyList<long> Verify() => DropDamaged(int.MaxValue);

    /// <exception cref="EmbeddingException">A number is not finite.</exception>
    private void Demand(ReadOnlySpan<float> numbers)
    {
        if (numbers.Length != Dims)
        {
            throw new ArgumentException($"the vector has {numbers.Length} numbers; encoder '{Fingerprint}' gives {Dims}.", nameof(numbers));
        }

        VectorFile.DemandFinite(numbers);
    }

    private List<long> DropDamaged(int rows)
    {
        if (Damaged(rows).Count == 0)
        {
            return [];
        }

        // Looked at again under the write lock: another process may have put things right.
        return _database.Write(db =>
        {
            var damaged = Damaged(VectorQueries.Last(db, _encoder, rows));
            VectorQueries.Drop(db, _encoder, damaged);
            return damaged;
        });
    }

    private List<long> Damaged(int rows) => Damaged(_database.Read(db => VectorQueries.Last(db, _encoder, rows)));

    private List<long> Damaged(List<VectorQueries.NamedRow> named)
    {
        using var file = named.Count == 0 ? null : Map();
        var there = file is null ? 0 : VectorFile.Rows(file.Length, Stride);
        return [.. named.Where(n => n.Row >= there || !VectorFile.IsWhole(RowBytes(file!, n.Row), n.ContentId)).Select(n => n.ImageId)];
    }

    private void WriteRows(long first, List<NewVector> vectors, Dictionary<long, byte[]> contentIds)
    {
        using var file = VectorFile.OpenWrite(Path, Fingerprint, Dims);
        var bytes = new byte[Math.Min(vectors.Count, RowsPerWrite) * Stride];
        for (var start = 0; start < vectors.Count; start += RowsPerWrite)
        {
            var count = Math.Min(RowsPerWrite, vectors.Count - start);
            for (var i = 0; i < count; i++)
            {
                var (image, numbers) = vectors[start + i];
                VectorFile.Encode(numbers.Span, contentIds[image], bytes.AsSpan(i * Stride, Stride));
            }

            RandomAccess.Write(file, bytes.AsSpan(0, count * Stride), VectorFile.Offset(first + start, Stride));
        }

        RandomAccess.FlushToDisk(file);
    }

    private MappedFile? Map()
    {
        if (!File.Exists(Path))
        {
            return null;
        }

        var file = MappedFile.OpenRead(Path);
        try
        {
            VectorFile.Demand(file.Span(0, (int)Math.Min(file.Length, VectorFile.HeaderBytes)), Path, Fingerprint, Dims);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private ReadOnlySpan<byte> RowBytes(MappedFile file, long row) => file.Span(VectorFile.Offset(row, Stride), Stride);
}

/// <summary>What an encoder made of an image.</summary>
/// <param name="Numbers">Not normalised.</param>
internal readonly record struct NewVector(long ImageId, ReadOnlyMemory<float> Numbers);
