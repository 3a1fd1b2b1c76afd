using System.Globalization;
using Tastemaker.Core.Models;

namespace Tastemaker.App.Cli;

/// <summary>What is printed of a model, whether it is here or could be.</summary>
internal sealed record ModelCard(
    string Name, string Kind, string? Space, int Dimensions, string Layout, long? Size, string Licence, bool Installed,
    string? Description, double? Threshold, string Source, string? Folder, DateTimeOffset? InstalledAt, IReadOnlyList<FileCard> Files)
{
    public static ModelCard Of(Model m) => new(
        m.Name, m.Kind.ToString().ToLowerInvariant(), m.Space.Name, m.Space.Dimensions, m.Layout, m.Size, m.Licence, true,
        m.Description, m.Threshold, m.Source, m.Folder, m.Installed,
        [.. m.Files.Select(f => new FileCard(f.Name, f.Size, f.Sha256, f.Published, []))]);

    public static ModelCard Of(KnownModel m, ModelManifest manifest) => new(
        m.Name, m.Kind.ToString().ToLowerInvariant(), m.Space, manifest.FindSpace(m.Space)!.Dimensions, m.Layout,
        m.Files.All(f => f.Size is not null) ? m.Files.Sum(f => f.Size) : null, m.Licence, false,
        m.Description, m.Threshold, m.Home, null, null,
        [.. m.Files.Select(f => new FileCard(f.Name, f.Size, f.Sha256, f.Sha256 is not null, [.. f.Addresses.Select(a => a.AbsoluteUri)]))]);

    public string ToText()
    {
        (string Label, string? Value)[] lines =
        [
            ("name", Name), ("kind", $"{Kind} ({Layout})"), ("space", $"{Space ?? "undeclared"} ({Dimensions}-d)"), ("about", Description),
            ("threshold", Threshold?.ToString(CultureInfo.InvariantCulture)), ("licence", Licence), ("source", Source),
            ("here", Installed ? Folder : $"no; fetch it with 'taste models pull {Name}'"),
            ("since", InstalledAt?.ToString("u", CultureInfo.InvariantCulture)),
            .. Files.Select(f => ("file", (string?)f.ToText())),
        ];
        return string.Join(Environment.NewLine, lines.Where(l => l.Value is not null).Select(l => $"{l.Label,-10} {l.Value}"));
    }
}

internal sealed record FileCard(string Name, long? Size, string? Sha256, bool Published, IReadOnlyList<string> Addresses)
{
    public string ToText()
    {
        var size = Size is { } bytes ? ByteCount.Text(bytes) : "size unknown";
        var checksum = Sha256 is null ? "recorded at the first download" : Published ? Sha256 : $"{Sha256} (recorded here)";
        return $"{Name}  {size}  sha256 {checksum}";
    }
}
