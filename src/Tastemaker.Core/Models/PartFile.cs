using System.Security.Cryptography;
using System.Text.Json;

namespace Tastemaker.Core.Models;

/// <summary>
/// A download in progress: <c>NAME.part</c> holds the bytes so far, <c>NAME.part.json</c> what they are a part of, so that another run can go on.
/// Every byte is hashed as it is written, those of an earlier run when the file is opened.
/// </summary>
internal sealed class PartFile : IDisposable
{
    private readonly string _target;
    private readonly FileStream _stream;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    private PartFile(string target, FileStream stream)
    {
        (_target, _stream) = (target, stream);
    }

    public long Length { get; private set; }

    /// <summary>What the bytes are a part of; null where there are none.</summary>
    public PartOrigin? Origin { get; private set; }

    private string OriginPath => $"{_target}.part.json";

    public static PartFile Open(string target, CancellationToken cancel)
    {
        var stream = Writing(target, () => new FileStream(
            $"{target}.part", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0));
        var part = new PartFile(target, stream);
        try
        {
            part.TakeUp(cancel);
            return part;
        }
        catch
        {
            part.Dispose();
            throw;
        }
    }

    /// <summary>Forgets all bytes; those to come are a part of <paramref name="origin"/>.</summary>
    public void Begin(PartOrigin origin)
    {
        Writing(_target, () =>
        {
            _stream.SetLength(0);
            using var note = new FileStream(OriginPath, FileMode.Create, FileAccess.Write);
            JsonSerializer.Serialize(note, origin, ModelJson.Options);
            return true;
        });
        _hash.GetHashAndReset();
        (Length, Origin) = (0, origin);
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _stream.Write(bytes);
        }
        catch (IOException e)
        {
            throw CannotWrite(_target, e);
        }

        _hash.AppendData(bytes);
        Length += bytes.Length;
    }

    /// <summary>SHA-256 of all bytes so far, in lower-case hex.</summary>
    public string Hash() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <summary>The bytes are whole: they take the target's name, all at once.</summary>
    public void Land()
    {
        Writing(_target, () =>
        {
            _stream.Flush(flushToDisk: true);
            _stream.Dispose();
            File.Move($"{_target}.part", _target, overwrite: true);
            File.Delete(OriginPath);
            return true;
        });
    }

    /// <summary>The bytes are wrong: nothing of them stays.</summary>
    public void Delete()
    {
        _stream.Dispose();
        File.Delete($"{_target}.part");
        File.Delete(OriginPath);
    }

    public void Dispose()
    {
        _stream.Dispose();
        _hash.Dispose();
    }

    internal static ModelException CannotWrite(string target, Exception e) => IsDiskFull(e)
        ? new ModelException($"the disk that holds '{target}' is full. Make room and run the same command again: it goes on where it stopped.", e)
        : new ModelException($"'{target}' cannot be written: {e.Message}", e);

    private static bool IsDiskFull(Exception e)
    {
        const int PosixNoSpace = 28;
        const int PosixQuota = 122;
        const int WindowsDiskFull = unchecked((int)0x80070070);
        return e.HResult is PosixNoSpace or PosixQuota or WindowsDiskFull;
    }

    private static T Writing<T>(string target, Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(target, e);
        }
    }

    private void TakeUp(CancellationToken cancel)
    {
        Origin = ReadOrigin();
        if (Origin is null)
        {
            _stream.SetLength(0);
            return;
        }

        var buffer = new byte[1 << 17];
        for (int read; (read = _stream.Read(buffer)) > 0; Length += read)
        {
            cancel.ThrowIfCancellationRequested();
            _hash.AppendData(buffer, 0, read);
        }
    }

    private PartOrigin? ReadOrigin()
    {
        const int Most = 16 << 10;
        try
        {
            return new FileInfo(OriginPath) is { Exists: true, Length: <= Most }
                ? JsonSerializer.Deserialize<PartOrigin>(File.ReadAllBytes(OriginPath), ModelJson.Options)
                : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>What a server said of the file when its first byte came.</summary>
/// <param name="Announced">The SHA-256 that the server names for the file, where it does.</param>
internal sealed record PartOrigin(Uri Address, string? ETag, DateTimeOffset? LastModified, long? Length, string? Announced);
