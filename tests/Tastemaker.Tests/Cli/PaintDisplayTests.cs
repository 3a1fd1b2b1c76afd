using Tastemaker.App.Cli;
using Tastemaker.Core.Painting;
using Tastemaker.Tests.Core.Painting;

namespace Tastemaker.Tests.Cli;

public sealed class PaintDisplayTests : IDisposable
{
    private readonly TinyCheckpoint _checkpoint = new();

    public void Dispose() => _checkpoint.Dispose();

    [Fact]
    public void A_terminal_shows_steps_speed_and_the_picture_in_half_blocks_over_the_one_before()
    {
        var error = Shown(isTerminal: true, isPreviewed: true);

        Assert.Contains("picture 1/1 · step 1/4 · ", error, StringComparison.Ordinal);
        Assert.Contains("picture 1/1 · step 4/4 · ", error, StringComparison.Ordinal);
        Assert.Matches(@" · [0-9.]+ (it/s|s/it) · 0:00 left", error);
        var pictures = error.Split("\u001b[2K").Length - 1;
        Assert.Equal(2 * 6, pictures); // Twice six rows, of twelve rows of latents.
        Assert.Contains("\r\u001b[6A", error, StringComparison.Ordinal);
        Assert.Equal(2 * 6 * 8, error.Count(c => c == '▀'));
        Assert.DoesNotContain("NaN", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_colours_there_is_the_line_alone_and_in_a_pipe_nothing()
    {
        Assert.DoesNotContain("▀", Shown(isTerminal: true, isPreviewed: false), StringComparison.Ordinal);
        Assert.Equal("", Shown(isTerminal: false, isPreviewed: false));
    }

    private string Shown(bool isTerminal, bool isPreviewed)
    {
        var error = new StringWriter();
        var terminal = new Terminal(TextWriter.Null, error, TextReader.Null, outIsTerminal: false, errorIsTerminal: isTerminal, inIsTerminal: false);
        var display = new PaintDisplay(terminal, 1, isPreviewed);
        using var painter = _checkpoint.Open();
        var shown = 0;
        painter.Paint([new PaintRequest { Prompt = "a", Width = 16, Height = 24, Sampler = new() { Steps = 4 } }], null, step =>
        {
            // A slow machine shows more steps; only the first and the last always.
            if (step.Done is 1 or 4)
            {
                display.Show(step);
                shown++;
            }
        }, TestContext.Current.CancellationToken);
        display.Finished(1);
        display.Leave();
        Assert.Equal(2, shown);
        return error.ToString();
    }
}
