namespace Tastemaker.Core.Platform;

/// <summary>The folder that holds everything Tastemaker keeps, and where each thing lies in it.</summary>
public sealed record StudioFolder(string Root)
{
    public const string Variable = "TASTE_STUDIO";

    public string Database => Path.Combine(Root, "studio.db");

    public string Vectors => Path.Combine(Root, "vectors");

    public string Models => Path.Combine(Root, "models");

    /// <summary>Prompts that were drawn towards an aesthetic, to be found again.</summary>
    public string Conditionings => Path.Combine(Root, "conditionings");

    public string Thumbnails => Path.Combine(Root, "thumbnails");

    /// <summary>The folder that was asked for, else the one that <c>TASTE_STUDIO</c> names, else the system's data folder. Creates nothing.</summary>
    /// <param name="asked">The value of <c>--studio</c>, if it was given.</param>
    public static StudioFolder Resolve(string? asked) =>
        Resolve(asked, Environment.GetEnvironmentVariable, System.Current);

    internal static StudioFolder Resolve(string? asked, Func<string, string?> environment, System system)
    {
        var folder = NotBlank(asked) ?? NotBlank(environment(Variable)) ?? Default(environment, system);
        return new(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
    }

    // The data folders of the XDG base directory specification, of Windows, and of Apple's file system guide.
    private static string Default(Func<string, string?> environment, System system) => system.Kind switch
    {
        SystemKind.Windows => Path.Combine(NotBlank(environment("LOCALAPPDATA")) ?? Path.Combine(system.Home, "AppData", "Local"), "Tastemaker"),
        SystemKind.Mac => Path.Combine(system.Home, "Library", "Application Support", "Tastemaker"),
        _ => Path.Combine(Absolute(environment("XDG_DATA_HOME")) ?? Path.Combine(system.Home, ".local", "share"), "tastemaker"),
    };

    private static string? NotBlank(string? value) => string.IsNullOrWhiteSpace(value) ? null : value;

    // The XDG specification has relative values ignored.
    private static string? Absolute(string? value) => Path.IsPathFullyQualified(value ?? "") ? value : null;

    internal enum SystemKind
    {
        Linux,
        Mac,
        Windows,
    }

    internal sealed record System(SystemKind Kind, string Home)
    {
        public static System Current => new(
            OperatingSystem.IsWindows() ? SystemKind.Windows : OperatingSystem.IsMacOS() ? SystemKind.Mac : SystemKind.Linux,
            Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));
    }
}
