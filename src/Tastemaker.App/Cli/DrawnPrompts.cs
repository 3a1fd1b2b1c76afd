using System.Globalization;
using Tastemaker.Core.Painting;
using Tastemaker.Core.Painting.Aesthetics;

namespace Tastemaker.App.Cli;

/// <summary>A plan's aesthetic made ready, and a line for each prompt on how near every step brought it.</summary>
internal sealed class DrawnPrompts : IProgress<AestheticReading>, IDisposable
{
    private readonly AestheticTarget _target;
    private readonly AestheticSettings _settings;
    private readonly Painter _painter;
    private readonly Workspace _workspace;
    private readonly Terminal _terminal;
    private readonly ConditioningCache _cache;
    private readonly Dictionary<int, AestheticPrompts> _prompts = [];
    private readonly List<double> _cosines = [];
    private string _told = "";

    /// <param name="painter">Has to stay open.</param>
    public DrawnPrompts(AestheticTarget target, AestheticSettings settings, Painter painter, Workspace workspace, Terminal terminal)
    {
        (_target, _settings, _painter, _workspace, _terminal) = (target, settings, painter, workspace, terminal);
        _cache = new(workspace.Folder.Conditionings, TimeProvider.System);
        Infotext = _settings.Infotext(_target);
        For(clipSkip: 1); // What does not fit is found before anything is painted.
        if (target.Space.Name is null)
        {
            terminal.Note($"note: aesthetic '{target.Name}' does not say which encoder it was made with; its {target.Space.Dimensions} numbers are taken for those of the text encoder that '{painter.Checkpoint.Name}' has.");
        }
    }

    /// <summary>What files say of it.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Infotext { get; }

    public bool IsFor(AestheticTarget? target, AestheticSettings? settings) => (_target.Name, _target.Hash, _settings) == (target?.Name, target?.Hash, settings);

    public AestheticPrompts For(int clipSkip)
    {
        if (!_prompts.TryGetValue(clipSkip, out var prompts))
        {
            _prompts[clipSkip] = prompts = _painter.Drawn(_target, _settings, clipSkip, _workspace.Models, _cache, this);
        }

        return prompts;
    }

    /// <inheritdoc/>
    public void Report(AestheticReading value)
    {
        if (value.Step == 0)
        {
            _cosines.Clear();
        }

        _cosines.Add(value.Cosine);
        if (value.Step < value.Steps)
        {
            _terminal.Progress($"drawing the prompt towards '{_target.Name}' {value.Step}/{value.Steps}");
            return;
        }

        _terminal.ClearProgress();
        var line = $"cosine to '{_target.Name}', before and after each step: {string.Join(' ', _cosines.Select(c => c.ToString("0.0000", CultureInfo.InvariantCulture)))}";
        if (line != _told)
        {
            _terminal.Note(line); // The same prompt under another seed tells nothing new.
        }

        _told = line;
    }

    public void Dispose()
    {
        foreach (var prompts in _prompts.Values)
        {
            prompts.Dispose();
        }
    }
}
