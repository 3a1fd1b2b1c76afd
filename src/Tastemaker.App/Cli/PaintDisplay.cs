using System.Diagnostics;
using System.Globalization;
using System.Text;
using Tastemaker.Core.Painting;

namespace Tastemaker.App.Cli;

/// <summary>What a terminal shows while a picture is painted: a line with steps, speed and time left, and above it what the picture will be.</summary>
/// <param name="preview">Whether pictures are shown, in half blocks of 24-bit colour.</param>
internal sealed class PaintDisplay(Terminal terminal, int pictures, bool preview)
{
    /// <summary>In characters; two pixels stand in each, one above the other.</summary>
    private const int MostColumns = 48, MostRows = 16;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);

    private readonly Stopwatch _since = Stopwatch.StartNew();
    private TimeSpan? _shown;
    private int _before;
    private int _steps;
    private int _rows;

    /// <summary>Whether the terminal says that it shows 24-bit colours.</summary>
    public static bool CanPreview(Terminal terminal) => terminal.ErrorIsTerminal && !terminal.IsQuiet
        && Environment.GetEnvironmentVariable("COLORTERM") is "truecolor" or "24bit" && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    public void Show(PaintStep step)
    {
        _steps++;
        if (!terminal.ErrorIsTerminal || terminal.IsQuiet || (step.Done < step.Total && _since.Elapsed - _shown < Pace))
        {
            return;
        }

        _shown = _since.Elapsed;
        if (preview && step.Live.Any())
        {
            Draw(step);
        }

        terminal.Progress(Line(step));
    }

    /// <summary>So many pictures are done.</summary>
    public void Finished(int count) => _before = count;

    /// <summary>What follows stands below the last preview.</summary>
    public void Leave()
    {
        terminal.ClearProgress();
        _rows = 0;
    }

    private string Line(PaintStep step)
    {
        var each = _since.Elapsed.TotalSeconds / _steps;
        var batches = Math.Max(1, (int)Math.Ceiling((pictures - _before) / (double)Math.Max(1, step.Live.Count())));
        var left = TimeSpan.FromSeconds(Math.Min(each * ((step.Total * batches) - step.Done), TimeSpan.FromDays(99).TotalSeconds));
        var speed = each <= 1 ? Text($"{1 / Math.Max(each, 1e-6):F1} it/s") : Text($"{each:F1} s/it");
        return Text($"picture {Math.Min(_before + 1, pictures)}/{pictures} · step {step.Done}/{step.Total} · {speed} · {(left.TotalHours >= 1 ? $"{left:d\\.h\\:mm\\:ss}" : $"{left:m\\:ss}")} left");
    }

    /// <summary>The first picture that is still painted, over the one before.</summary>
    private void Draw(PaintStep step)
    {
        var picture = step.Preview(step.Live.First());
        var shrink = Math.Max(1, Math.Max((picture.Width + MostColumns - 1) / MostColumns, (picture.Height + (2 * MostRows) - 1) / (2 * MostRows)));
        var (columns, rows) = (picture.Width / shrink, picture.Height / shrink / 2);
        var text = new StringBuilder(_rows > 0 ? Text($"\r\u001b[{_rows}A") : "\r");
        for (var row = 0; row < rows; row++)
        {
            text.Append("\u001b[2K");
            for (var column = 0; column < columns; column++)
            {
                text.Append(CultureInfo.InvariantCulture, $"\u001b[38;2;{Colour(column, 2 * row)}m\u001b[48;2;{Colour(column, (2 * row) + 1)}m▀");
            }

            text.Append("\u001b[0m\n");
        }

        _rows = rows;
        terminal.Error.Write(text);

        string Colour(int x, int y)
        {
            var at = ((y * shrink * picture.Width) + (x * shrink)) * 3;
            return Text($"{picture.Pixels[at]};{picture.Pixels[at + 1]};{picture.Pixels[at + 2]}");
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
