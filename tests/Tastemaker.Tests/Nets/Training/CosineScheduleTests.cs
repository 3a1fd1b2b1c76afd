using Tastemaker.Nets.Training;

namespace Tastemaker.Tests.Nets.Training;

public sealed class CosineScheduleTests
{
    public static TheoryData<string> Files => GoldenMath.Files("cosine_warmup");

    [Fact]
    public void It_rises_evenly_and_falls_along_half_a_cosine()
    {
        var schedule = new CosineSchedule(2, 12, 2);

        Assert.Equal([0, 1, 2], new[] { 0, 1, 2 }.Select(schedule.At));
        Assert.Equal(1, schedule.At(7), 1e-12);
        Assert.Equal(0, schedule.At(12), 1e-12);
        Assert.Equal(0, schedule.At(100), 1e-12);
    }

    [Fact]
    public void Without_a_warm_up_it_begins_at_its_peak() => Assert.Equal(2, new CosineSchedule(2, 1, 0).At(0));

    [Theory]
    [Trait("Kind", "golden")]
    [MemberData(nameof(Files))]
    public void It_is_that_of_the_reference(string file)
    {
        var golden = GoldenMath.Section(file, "cosine_warmup");
        var schedule = new CosineSchedule(golden.GetProperty("lr").GetDouble(), golden.GetProperty("total").GetInt32(), golden.GetProperty("warmup").GetInt32());

        Assert.All(golden.GetProperty("lrs").EnumerateArray().Index(), rate => Assert.Equal(rate.Item.GetDouble(), schedule.At(rate.Index), 1e-18)); // The last bits of doubles of 1e-4.
    }
}
