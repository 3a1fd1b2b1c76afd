using System.Reflection;
using System.Runtime.CompilerServices;
using Tastemaker.Core.Platform;
using Tastemaker.Native;
using Tastemaker.Nets.Graph;

namespace Tastemaker.Tests.Repo;

/// <summary>The public surface of each library, on file, so that widening it is a line in a diff.</summary>
public sealed class SurfaceTests
{
    [Theory]
    [InlineData(typeof(Node), "Nets")]
    [InlineData(typeof(MappedFile), "Native")]
    [InlineData(typeof(StudioFolder), "Core")]
    public void Public_surface_is_the_one_on_file(Type anchor, string name)
    {
        var lines = anchor.Assembly.GetExportedTypes().Where(Written).OrderBy(t => t.FullName, StringComparer.Ordinal).SelectMany(t =>
            t.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
                .Where(m => Written(m) && m is not (MethodInfo { IsSpecialName: true } or Type))
                .Select(m => $"  {m}").Order(StringComparer.Ordinal).Prepend($"{t.FullName}"));
        Snapshot.Match(string.Join('\n', lines), name);

        // What a person wrote: no record plumbing, no extension-block containers.
        static bool Written(MemberInfo m) =>
            !m.Name.Contains('<', StringComparison.Ordinal) && m.Name is not "Deconstruct" && !m.IsDefined(typeof(CompilerGeneratedAttribute));
    }
}
