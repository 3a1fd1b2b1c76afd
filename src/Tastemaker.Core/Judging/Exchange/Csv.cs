using System.Text;

namespace Tastemaker.Core.Judging.Exchange;

/// <summary>Comma-separated values as in RFC 4180, read with a bound on everything.</summary>
internal static class Csv
{
    private const int MostFields = 1000;
    private const int LongestField = 1 << 16;

    /// <summary>Records in order, each with the line that it starts on; empty lines are passed over.</summary>
    /// <exception cref="JudgingException">A quote is not closed, a field is too long, or there are too many in a record.</exception>
    public static IEnumerable<(int Line, List<string> Fields)> Read(string text)
    {
        var (at, line) = (0, 1);
        while (at < text.Length)
        {
            var (start, fields) = (line, new List<string>());
            do
            {
                fields.Add(Field(text, ref at, ref line));
                if (fields.Count > MostFields)
                {
                    throw new JudgingException($"line {start} has more than {MostFields} fields; it is no list of judgements.");
                }
            }
            while (at < text.Length && text[at++] == ',');

            line++;
            if (fields is not [""])
            {
                yield return (start, fields);
            }
        }
    }

    /// <summary>Reads one field and stops at the comma or the line feed behind it; a carriage return before the line feed is passed.</summary>
    private static string Field(string text, ref int at, ref int line)
    {
        var start = line;
        var field = new StringBuilder();
        if (at < text.Length && text[at] == '"')
        {
            at++;
            while (true)
            {
                if (at >= text.Length)
                {
                    throw new JudgingException($"the quote that opens on line {start} is never closed. Is the file whole?");
                }

                if (text[at] == '"')
                {
                    at++;
                    if (at >= text.Length || text[at] != '"')
                    {
                        break;
                    }
                }

                line += text[at] == '\n' ? 1 : 0;
                Append(field, text[at++], start);
            }
        }

        while (at < text.Length && text[at] is not (',' or '\n'))
        {
            Append(field, text[at++], start);
        }

        return at < text.Length && text[at] == ',' ? field.ToString() : field.ToString().TrimEnd('\r');
    }

    private static void Append(StringBuilder field, char c, int line)
    {
        if (field.Length >= LongestField)
        {
            throw new JudgingException($"a field on line {line} is longer than {LongestField} characters; it is no list of judgements.");
        }

        field.Append(c);
    }
}
