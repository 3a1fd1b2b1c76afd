namespace Tastemaker.Core.Data.Prompts;

/// <summary>A few thousand rows of open-prompts' table, read apart from the others. Batches are used again, as there are very many.</summary>
internal sealed class PromptBatch
{
    private const int Enough = 1 << 20;

    private readonly List<(int Prompt, int End)> _rows = []; // where its two texts end
    private readonly List<int> _malformed = [];
    private readonly List<(int Number, OpenPrompt Row)> _selected = [];
    private readonly Stack<OpenPrompt> _spare = [];
    private byte[] _text = new byte[Enough + (Enough / 4)];
    private int _length;

    public int Rows => _rows.Count;

    public long Bytes => _length;

    public int Repaired { get; private set; }

    /// <summary>Rows that say nothing of an image, counted from 1.</summary>
    public IReadOnlyList<int> Malformed => _malformed;

    public IReadOnlyList<(int Number, OpenPrompt Row)> Selected => _selected;

    public ReadOnlySpan<byte> Prompt(int number) => _text.AsSpan((number == 1 ? 0 : _rows[number - 2].End).._rows[number - 1].Prompt);

    /// <summary>Adds a row; true when the batch is full with it.</summary>
    public bool Add(ReadOnlySpan<byte> prompt, ReadOnlySpan<byte> json)
    {
        var end = _length + prompt.Length + json.Length;
        if (end > _text.Length)
        {
            Array.Resize(ref _text, Math.Max(end, 2 * _text.Length));
        }

        prompt.CopyTo(_text.AsSpan(_length));
        json.CopyTo(_text.AsSpan(_length + prompt.Length));
        _rows.Add((_length + prompt.Length, end));
        _length = end;
        return _length >= Enough;
    }

    /// <summary>Reads every row's settings, and notes those that are wanted.</summary>
    public PromptBatch Read(PromptSelection selection)
    {
        var row = Spare();
        for (var number = 1; number <= _rows.Count; number++)
        {
            var (prompt, end) = _rows[number - 1];
            if (!row.TryRead(_text.AsSpan(prompt..end)))
            {
                _malformed.Add(number);
                continue;
            }

            Repaired += row.IsRepaired ? 1 : 0;
            if (selection.Takes(row))
            {
                _selected.Add((number, row));
                row = Spare();
            }
        }

        _spare.Push(row);
        return this;
    }

    /// <summary>Empties the batch for other rows.</summary>
    public void Clear()
    {
        foreach (var (_, row) in _selected)
        {
            _spare.Push(row);
        }

        (_length, Repaired) = (0, 0);
        _rows.Clear();
        _malformed.Clear();
        _selected.Clear();
    }

    private OpenPrompt Spare() => _spare.TryPop(out var row) ? row : new();
}
