using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tastemaker.Core.Data.Prompts;

/// <summary>
/// One row of open-prompts, read from the JSON of its column <c>raw_data</c>. Rows that lack settings have the bot's message instead, and
/// every row has the image's file name; both state settings as the bot's options: <c>-S 42 -s 50 -C 7.0 -W 512 -H 512 -n 9</c>.
/// One instance reads row after row.
/// </summary>
internal sealed partial class OpenPrompt
{
    private const int Deepest = 16;
    private const int ShortestKey = 4;

    private static readonly JsonReaderOptions Shallow = new() { MaxDepth = Deepest };

    private readonly Buffer _picture = new();
    private readonly Buffer _discord = new();
    private readonly Buffer _content = new();
    private bool _isGrid;

    /// <summary>The seed of the message; that of the image only where <see cref="OwnSeed"/> is the same.</summary>
    public long? Seed { get; private set; }

    /// <summary>The image's own seed; null where it is not known, as for all images of a message but the first.</summary>
    public long? OwnSeed { get; private set; }

    /// <summary>The image's place among those of its message, from 0.</summary>
    public long? Index { get; private set; }

    /// <summary>How many images the message asked for.</summary>
    public long? Images { get; private set; }

    public long? Width { get; private set; }

    public long? Height { get; private set; }

    public long? Steps { get; set; }

    public double? Cfg { get; set; }

    public string? Sampler { get; private set; }

    /// <summary>Seconds since 1970.</summary>
    public long? Time { get; private set; }

    /// <summary>Whether the settings are from the message or the file name.</summary>
    public bool IsRepaired { get; private set; }

    /// <summary>Where the image is, the copy outside Discord first; empty where it is nowhere.</summary>
    public ReadOnlySpan<byte> Url => _picture.Span.StartsWith("http"u8) ? _picture.Span : _discord.Span;

    /// <summary>Reads a row; false where it is no JSON object, or says nothing of an image.</summary>
    public bool TryRead(ReadOnlySpan<byte> json)
    {
        Clear();
        try
        {
            if (!ReadObject(json))
            {
                return false;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // The latter for text that is no Unicode.
        {
            return false;
        }

        Index = IndexOf(_discord.Span);
        var seeds = Seed is null ? Repair() : [];
        OwnSeed = Index is { } i && i < seeds.Length ? seeds[i]
            : seeds.Length == 0 && !_isGrid && (Index == 0 || Images == 1) ? Seed
            : null;
        return true;
    }

    /// <summary>A text without the ids of Discord's users, channels and roles.</summary>
    public static string WithoutIds(string text) => Mention().Replace(text, "").Trim();

    private void Clear()
    {
        (Seed, OwnSeed, Index, Images, Width, Height, Steps, Cfg) = (null, null, null, null, null, null, null, null);
        (Sampler, Time, IsRepaired, _isGrid) = (null, null, false, false);
        _picture.Clear();
        _discord.Clear();
        _content.Clear();
    }

    private bool ReadObject(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, Shallow);
        var hasSettings = false;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("raw_discord_data"u8))
            {
                hasSettings |= reader.Read() && reader.TokenType == JsonTokenType.StartObject;
                ReadSettings(ref reader);
            }
            else if (reader.ValueTextEquals("image_uri"u8))
            {
                _picture.Take(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return hasSettings && !reader.Read();
    }

    private void ReadSettings(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueSpan.Length < ShortestKey)
            {
                reader.Read();
                reader.Skip();
                continue;
            }

            // By the first letters, as a row has a dozen keys and there are millions of rows.
            switch (reader.ValueSpan[0], reader.ValueSpan[1])
            {
                case ((byte)'s', _) when reader.ValueTextEquals("seed"u8):
                    Seed = Whole(ref reader);
                    break;
                case ((byte)'w', _) when reader.ValueTextEquals("width"u8):
                    Width = Whole(ref reader);
                    break;
                case ((byte)'h', _) when reader.ValueTextEquals("height"u8):
                    Height = Whole(ref reader);
                    break;
                case ((byte)'n', _) when reader.ValueTextEquals("num_step"u8):
                    Steps = Whole(ref reader);
                    break;
                case ((byte)'n', _) when reader.ValueTextEquals("num_generations"u8):
                    Images = Whole(ref reader);
                    break;
                case ((byte)'c', (byte)'f') when reader.ValueTextEquals("cfg_scale"u8):
                    Cfg = Number(ref reader);
                    break;
                case ((byte)'c', (byte)'o') when reader.ValueTextEquals("content"u8):
                    _content.Take(ref reader);
                    break;
                case ((byte)'t', _) when reader.ValueTextEquals("timestamp"u8):
                    Time = Whole(ref reader);
                    break;
                case ((byte)'i', (byte)'s') when reader.ValueTextEquals("is_grid"u8):
                    _isGrid = Number(ref reader) is not (null or 0);
                    break;
                case ((byte)'i', (byte)'m') when reader.ValueTextEquals("image_uri"u8):
                    _discord.Take(ref reader);
                    break;
                default:
                    reader.Read();
                    reader.Skip();
                    break;
            }
        }
    }

    private static double? Number(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number)
        {
            return reader.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;
        }

        reader.Skip();
        return null;
    }

    private static long? Whole(ref Utf8JsonReader reader)
    {
        const double MostExact = 1L << 53;
        return Number(ref reader) is { } number && Math.Abs(number) <= MostExact && double.IsInteger(number) ? (long)number : null;
    }

    /// <summary>The <c>4</c> of <c>…_ts-1660001285_idx-4.png</c>.</summary>
    private static long? IndexOf(ReadOnlySpan<byte> address)
    {
        var at = address.LastIndexOf("_idx-"u8);
        return at >= 0 && Utf8Parser.TryParse(address[(at + 5)..], out int index, out _) && index >= 0 ? index : null;
    }

    /// <summary>Takes what is missing from the message, then from the file name. Returns the seeds of the message's images, if it lists them.</summary>
    private long[] Repair()
    {
        Take(MessageOption(), AfterPrompt(_content.Text));
        Take(FileNameOption(), FileName());
        foreach (var stamp in Stamp().EnumerateMatches(_discord.Text))
        {
            Time ??= Whole(_discord.Text.AsSpan(stamp.Index + "_ts-".Length, stamp.Length - "_ts-".Length - "_idx-".Length));
        }

        return [.. SeedList(_content.Text).Split(',', StringSplitOptions.TrimEntries).Select(seed => Whole(seed) ?? -1).TakeWhile(seed => seed >= 0)];
    }

    /// <summary>The <c>-n 9 -i -S 42</c> of <c>Dreamt in `43.21s` for `!dream "a cat" -n 9 -i -S 42` The seeds …</c>.</summary>
    private static ReadOnlySpan<char> AfterPrompt(string message)
    {
        var command = message.IndexOf("!dream", StringComparison.Ordinal);
        var quote = message.LastIndexOf('"');
        var end = quote < 0 ? -1 : message.IndexOf('`', quote);
        return command >= 0 && quote > command ? message.AsSpan()[(quote + 1)..(end < 0 ? message.Length : end)] : [];
    }

    /// <summary>The numbers of <c>The seeds for each individual image are: [42, 43]</c>.</summary>
    private static string SeedList(string message)
    {
        const string Before = "seeds for each individual image are: [";
        var start = message.LastIndexOf(Before, StringComparison.Ordinal);
        var end = start < 0 ? -1 : message.IndexOf(']', start);
        return end < 0 ? "" : message[(start + Before.Length)..end];
    }

    private ReadOnlySpan<char> FileName() => _discord.Text.AsSpan(_discord.Text.LastIndexOf('/') + 1);

    /// <summary>Takes what is still missing from options. Of an option that is there twice the last counts: a prompt's own words come first.</summary>
    private void Take(Regex option, ReadOnlySpan<char> text)
    {
        var (seed, steps, images, width, height, cfg, sampler) = (Seed, Steps, Images, Width, Height, Cfg, Sampler);
        foreach (var match in option.EnumerateMatches(text))
        {
            IsRepaired = true;
            var written = text.Slice(match.Index, match.Length).TrimStart("_-");
            var value = written[1..].TrimStart('_').TrimStart();
            switch (written[0])
            {
                case 'S':
                    Seed = seed ?? Whole(value);
                    break;
                case 's':
                    Steps = steps ?? Whole(value);
                    break;
                case 'n':
                    Images = images ?? Whole(value);
                    break;
                case 'W':
                    Width = width ?? Whole(value);
                    break;
                case 'H':
                    Height = height ?? Whole(value);
                    break;
                case 'C':
                    Cfg = cfg ?? (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var scale) && double.IsFinite(scale) ? scale : null);
                    break;
                default:
                    Sampler = sampler ?? value.ToString();
                    break;
            }
        }
    }

    private static long? Whole(ReadOnlySpan<char> text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    [GeneratedRegex(@"-[SsnWHCA]\s+[A-Za-z0-9._]+")]
    private static partial Regex MessageOption();

    [GeneratedRegex("_-[SsnWHCA]_[A-Za-z0-9.]+(?=_)")]
    private static partial Regex FileNameOption();

    [GeneratedRegex(@"_ts-[0-9]{1,12}_idx-(?=[0-9]+\.)")]
    private static partial Regex Stamp();

    [GeneratedRegex("<(@[!&]?|#)[0-9]*>")]
    private static partial Regex Mention();

    /// <summary>UTF-8 that is used again for the next row.</summary>
    private sealed class Buffer
    {
        private byte[] _bytes = new byte[1024];
        private int _length;
        private string? _text;

        public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, _length);

        public string Text => _text ??= Encoding.UTF8.GetString(Span);

        public void Clear() => (_length, _text) = (0, null);

        /// <summary>Takes the next value, if it is a string.</summary>
        public void Take(ref Utf8JsonReader reader)
        {
            Clear();
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
            {
                reader.Skip();
                return;
            }

            if (_bytes.Length < reader.ValueSpan.Length)
            {
                _bytes = new byte[reader.ValueSpan.Length];
            }

            _length = reader.CopyString(_bytes);
        }
    }
}
