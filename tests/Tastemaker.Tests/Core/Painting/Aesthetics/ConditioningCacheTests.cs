using System.Reflection;
using Tastemaker.Core.Painting.Aesthetics;
using Tastemaker.Nets.Clip;
using Tastemaker.Nets.StableDiffusion;

namespace Tastemaker.Tests.Core.Painting.Aesthetics;

public sealed class ConditioningCacheTests
{
    private static readonly TextEncoder.Config Tower = new(new(50, 24, new(32, 2, 4, 128, 77, Activation.QuickGelu, IsCausal: true)), Dropped: 0);

    private static readonly ConditioningKey Key = new("a", "b", (Tower, Tower), "c", AestheticSettings.Default, 1, "F32", "cpu", [1, 2], [3]);

    public static TheoryData<string> Settings => [.. typeof(AestheticSettings).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite).Select(p => p.Name)];

    public static TheoryData<string> Parts => [.. typeof(ConditioningKey).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.Name != "EqualityContract").Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(Settings))]
    public void Another_value_of_any_setting_is_another_key(string setting)
    {
        var settings = new AestheticSettings();
        var property = typeof(AestheticSettings).GetProperty(setting)!;
        property.SetValue(settings, Other(property.GetValue(settings), property.PropertyType));

        Assert.NotEqual(Key.Hash(), (Key with { Settings = settings }).Hash());
    }

    [Theory]
    [MemberData(nameof(Parts))]
    public void Another_value_of_anything_else_is_another_key(string part)
    {
        var other = Key with { ClipSkip = Key.ClipSkip };
        var property = typeof(ConditioningKey).GetProperty(part)!;
        property.SetValue(other, Other(property.GetValue(other), property.PropertyType));

        Assert.NotEqual(Key.Hash(), other.Hash());
    }

    [Fact]
    public void The_same_is_the_same_key() => Assert.Equal(Key.Hash(), (Key with { Ids = [1, 2], Settings = new() }).Hash());

    [Fact]
    public void What_was_used_longest_ago_goes_when_it_is_too_much()
    {
        using var folder = new TempFolder();
        var clock = new Clock();
        var cache = new ConditioningCache(folder["cache"], clock, mostBytes: 4096);
        foreach (var key in new[] { "a", "b" })
        {
            cache.Keep(key, new(new float[400], [1]));
            clock.Now += TimeSpan.FromMinutes(1);
        }

        Assert.NotNull(cache.Find("a"));
        clock.Now += TimeSpan.FromMinutes(1);
        cache.Keep("c", new(new float[400], [1]));

        Assert.NotNull(cache.Find("a"));
        Assert.Null(cache.Find("b"));
        Assert.NotNull(cache.Find("c"));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_stops_nothing()
    {
        using var folder = new TempFolder();
        var cache = new ConditioningCache(folder.File("cache"), TimeProvider.System); // A file is where the folder would be.

        cache.Keep("a", new([1], [1]));

        Assert.Null(cache.Find("a"));
    }

    private static object Other(object? value, Type type) => value switch
    {
        int number => number + 1,
        double number => number / 2,
        bool flag => !flag,
        string text => text + "!",
        null when type == typeof(string) => "text",
        DrawnEncoder => DrawnEncoder.Stock,
        AestheticSettings settings => settings with { Steps = 1 },
        IReadOnlyList<long> ids => ids.Append(7).ToArray(),
        ValueTuple<TextEncoder.Config, TextEncoder.Config> towers => (towers.Item1 with { Dropped = 1 }, towers.Item2),
        _ => throw new NotSupportedException($"a {type} has no other value here; write one."),
    };

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
