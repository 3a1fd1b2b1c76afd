using System.Security.Cryptography;
using Tastemaker.Core.Platform;

namespace Tastemaker.Tests.Core.Platform;

public sealed class FileHashTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(131_072)]
    [InlineData(300_001)]
    public void Hashes_and_comparisons_span_the_whole_file(int length)
    {
        using var folder = new TempFolder();
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        File.WriteAllBytes(folder["a"], bytes);
        File.WriteAllBytes(folder["same"], bytes);
        File.WriteAllBytes(folder["longer"], [.. bytes, 0]);
        File.WriteAllBytes(folder["other"], [.. bytes.SkipLast(1), (byte)(bytes.LastOrDefault() ^ 1)]);

        Assert.Equal(SHA256.HashData(bytes), FileHash.Sha256(folder["a"], Cancel));
        Assert.True(FileHash.IsSameContent(folder["a"], folder["same"], Cancel));
        Assert.False(FileHash.IsSameContent(folder["a"], folder["longer"], Cancel));
        Assert.False(FileHash.IsSameContent(folder["a"], folder["other"], Cancel));
    }
}
