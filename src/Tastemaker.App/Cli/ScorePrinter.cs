using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;
using Tastemaker.Core.Platform;
using Tastemaker.Core.Platform.Tables;
using Tastemaker.Core.Taste;
using TableColumn = Spectre.Console.TableColumn;

namespace Tastemaker.App.Cli;

/// <summary>Scores as a table for people, as CSV and as JSON for programs.</summary>
internal static class ScorePrinter
{
    private const string Header = "path,content_id,encoder,model,raw,z,percentile";

    /// <summary>What fits a few screens; the rest is counted.</summary>
    private const int Shown = 200;

    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Csv(ScoredSheet sheet, string path) => AtomicFile.Replace(path, stream =>
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        Csv(sheet, writer);
    });

    /// <summary>The columns of the CSV, with their types.</summary>
    public static void Parquet(ScoredSheet sheet, string path) => AtomicFile.ReplaceAt(path, aside => TableFile.Write(aside, TableFormat.Parquet,
        [
            new("path", TableType.Text), new("content_id", TableType.Text), new("encoder", TableType.Text), new("model", TableType.Text),
            new("raw", TableType.Real32), new("z", TableType.Real), new("percentile", TableType.Real),
        ],
        Rows(sheet).Select(r => new object?[]
        {
            r.Scored.Name, r.Scored.ContentId, sheet.Encoder, r.Model, r.Score.Raw, Math.Round(r.Score.Z, 4), Math.Round(r.Score.Percentile, 2),
        })));

    /// <summary>JSON where it is asked for, a table on a terminal, CSV into a pipe.</summary>
    public static void Print(ScoredSheet sheet, int head, bool asJson, Terminal terminal)
    {
        if (asJson)
        {
            Json(sheet, terminal.Out);
        }
        else if (terminal.OutIsTerminal)
        {
            terminal.Table(Table(sheet, head));
            terminal.Note(sheet.All.Count > Shown ? $"{sheet.All.Count - Shown} more; --csv FILE or --json gives all." : $"{sheet.All.Count} scored.");
        }
        else
        {
            Csv(sheet, terminal.Out);
        }
    }

    private static void Csv(ScoredSheet sheet, TextWriter writer)
    {
        writer.WriteLine(Header);
        foreach (var (scored, model, score) in Rows(sheet))
        {
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{TableFile.Quoted(scored.Name)},{scored.ContentId},{TableFile.Quoted(sheet.Encoder)},{TableFile.Quoted(model)},{score.Raw:R},{score.Z:0.####},{score.Percentile:0.##}"));
        }
    }

    private static void Json(ScoredSheet sheet, TextWriter writer)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Indented))
        {
            json.WriteStartArray();
            foreach (var (scored, model, score) in Rows(sheet))
            {
                json.WriteStartObject();
                json.WriteString("path", scored.Name);
                json.WriteString("content_id", scored.ContentId);
                json.WriteString("encoder", sheet.Encoder);
                json.WriteString("model", model);
                json.WriteNumber("raw", score.Raw);
                json.WriteNumber("z", Math.Round(score.Z, 4));
                json.WriteNumber("percentile", Math.Round(score.Percentile, 2));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        writer.WriteLine(Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
    }

    private static Table Table(ScoredSheet sheet, int head)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn(new TableColumn("#").RightAligned());
        foreach (var model in sheet.Heads)
        {
            table.AddColumn(new TableColumn(new Text(model.Name)).RightAligned());
            table.AddColumn(new TableColumn("%").RightAligned());
        }

        table.AddColumn("path");
        foreach (var (index, scored) in sheet.All.Take(Shown).Index())
        {
            var numbers = scored.Scores.SelectMany(s => (string[])
                [s.Raw.ToString("F2", CultureInfo.InvariantCulture), s.Percentile.ToString("F0", CultureInfo.InvariantCulture)]);
            table.AddRow([new Text($"{index + 1}"), .. numbers.Select(n => new Text(n)), new Text(Reporting.FromHere(scored.Name))]);
        }

        const string Percent = "% is the percentile in the studio";
        return table.Caption(sheet.Heads.Count > 1 ? $"ranked by {Markup.Escape(sheet.Heads[head].Name)}; {Percent}" : Percent);
    }

    private static IEnumerable<(Scored Scored, string Model, Score Score)> Rows(ScoredSheet sheet) =>
        sheet.All.SelectMany(scored => sheet.Heads.Zip(scored.Scores, (head, score) => (scored, head.Name, score)));
}
