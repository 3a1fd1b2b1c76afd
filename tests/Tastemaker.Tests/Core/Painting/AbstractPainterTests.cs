using Tastemaker.Core.Painting.Abstract;

namespace Tastemaker.Tests.Core.Painting;

public sealed class AbstractPainterTests
{
    private const int Side = 48;

    [Fact]
    public void Prompts_are_made_of_many_parts_that_are_all_drawn()
    {
        Assert.True(AbstractPrompt.Subjects.Count >= 12 && AbstractPrompt.Actions.Count >= 10 && AbstractPrompt.Suffixes.Count >= 12);
        var drawn = Enumerable.Range(0, 600).Select(i => AbstractPrompt.Draw((ulong)i)).ToList();

        Assert.Equal(AbstractPrompt.Subjects.Order(), drawn.Select(p => p.Subject).Distinct().Order());
        Assert.Equal(AbstractPrompt.Actions.Order(), drawn.Select(p => p.Action).Distinct().Order());
        Assert.Equal(AbstractPrompt.Suffixes.Order(), drawn.Select(p => p.Suffix).Distinct().Order());
        Assert.Equal(drawn[5], AbstractPrompt.Draw(5));
        Assert.Equal("three circles drifting, at dusk", new AbstractPrompt("three circles", "drifting", "at dusk").Text);
    }

    [Fact]
    public void Every_part_paints_with_every_subject()
    {
        Parallel.ForEach(AbstractPrompt.Subjects, subject =>
        {
            for (var i = 0; i < Math.Max(AbstractPrompt.Actions.Count, AbstractPrompt.Suffixes.Count); i++)
            {
                var prompt = new AbstractPrompt(
                    subject, AbstractPrompt.Actions[i % AbstractPrompt.Actions.Count], AbstractPrompt.Suffixes[i % AbstractPrompt.Suffixes.Count]);
                var rgb = AbstractPainter.Paint(prompt, (ulong)i, Side);
                Assert.Equal(Side * Side * 3, rgb.Length);
                Assert.True(rgb.Distinct().Count() > 8, $"'{prompt}' is nearly flat.");
            }
        });
    }

    [Fact]
    public void A_picture_is_repeatable_and_each_part_and_the_seed_change_it()
    {
        var prompt = new AbstractPrompt("ribbons", "drifting", "at dusk");
        var painted = AbstractPainter.Paint(prompt, 9, Side);

        Assert.Equal(painted, AbstractPainter.Paint(prompt, 9, Side));
        Assert.NotEqual(painted, AbstractPainter.Paint(prompt, 10, Side));
        Assert.NotEqual(painted, AbstractPainter.Paint(prompt with { Subject = "reeds" }, 9, Side));
        Assert.NotEqual(painted, AbstractPainter.Paint(prompt with { Action = "bursting" }, 9, Side));
        Assert.NotEqual(painted, AbstractPainter.Paint(prompt with { Suffix = "in neon" }, 9, Side));
    }

    [Fact]
    public void Mirrored_pictures_are_symmetric_before_the_surface_is_treated()
    {
        // "at noon" treats the surface with a little grain alone.
        var rgb = AbstractPainter.Paint(new AbstractPrompt("shards", "mirrored", "at noon"), 4, Side);
        var difference = 0.0;
        for (var i = 0; i < rgb.Length; i++)
        {
            int pixel = i / 3, x = pixel % Side;
            difference += Math.Abs(rgb[i] - rgb[((pixel - x + Side - 1 - x) * 3) + (i % 3)]);
        }

        Assert.InRange(difference / rgb.Length, 0, 5);
    }

    [Fact]
    public void Neon_is_dark_and_colourful_and_fog_is_pale()
    {
        var neon = AbstractPainter.Paint(new AbstractPrompt("threads", "drifting", "in neon"), 1, Side);
        var fog = AbstractPainter.Paint(new AbstractPrompt("threads", "drifting", "in fog"), 1, Side);

        Assert.True(neon.Average(b => b) < 90);
        Assert.True(fog.Average(b => b) > 160);
    }

    [Fact]
    public void Parts_and_sizes_that_it_does_not_know_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => AbstractPainter.Paint(new AbstractPrompt("cats", "drifting", "at dusk"), 1, Side));
        Assert.StartsWith("the abstract painter knows no subject 'cats'; it paints: three circles, ", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => AbstractPainter.Paint(AbstractPrompt.Draw(1), 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => AbstractPainter.Paint(AbstractPrompt.Draw(1), 1, 1 << 20));
    }
}
