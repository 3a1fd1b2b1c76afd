namespace Tastemaker.Tests;

/// <summary>What only Unix has; tests that need it skip elsewhere.</summary>
internal static class Unix
{
    public static UnixFileMode Mode(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            throw Skip();
        }

        return File.GetUnixFileMode(path);
    }

    public static void SetMode(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            throw Skip();
        }

        File.SetUnixFileMode(path, mode);
    }

    private static InvalidOperationException Skip()
    {
        Assert.Skip("Windows has no Unix permissions.");
        return new();
    }
}
