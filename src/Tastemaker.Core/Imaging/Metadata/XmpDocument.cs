using System.Collections.ObjectModel;
using System.Text;
using System.Xml;

namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>
/// An XMP packet with the places in its text where things stand (XMP specification, part 1, 7: its RDF is a list of
/// <c>rdf:Description</c>, with properties as attributes or as elements). Whatever can make a small text large is refused.
/// </summary>
internal sealed class XmpDocument
{
    public const string Rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

    private const string Declarations = "http://www.w3.org/2000/xmlns/";
    private const int MostElements = 100_000;
    private const int DeepestElement = 200;

    private static readonly XmlReaderSettings Safe = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = XmpText.MostBytes,
    };

    private XmpDocument(string text, XmpElement? root, IReadOnlyList<XmpElement> descriptions) => (Text, Root, Descriptions) = (text, root, descriptions);

    public string Text { get; }

    /// <summary>The <c>rdf:RDF</c>; null where there is none.</summary>
    public XmpElement? Root { get; }

    public IReadOnlyList<XmpElement> Descriptions { get; }

    /// <exception cref="ImageException">It is no XML, or holds what no packet needs.</exception>
    public static XmpDocument Parse(string text)
    {
        try
        {
            var root = Read(text);
            return new(text, root, [.. root?.Children.Where(c => c.Is(Rdf, "Description")) ?? []]);
        }
        catch (XmlException e)
        {
            throw Refused($"cannot be read: {e.Message}", e);
        }
    }

    /// <param name="reason">Begins with a verb.</param>
    public static ImageException Refused(string reason, Exception? inner = null) => new(ImageProblem.Damaged, $"the XMP {reason}", inner);

    /// <summary>All properties of a name that stand as elements.</summary>
    public IEnumerable<XmpElement> Elements(string space, string name) => Descriptions.SelectMany(d => d.Children).Where(c => c.Is(space, name));

    /// <summary>All properties of a name that stand as attributes.</summary>
    public IEnumerable<XmpAttribute> Attributes(string space, string name) =>
        Descriptions.SelectMany(d => d.Attributes).Where(a => a.Space == space && a.Name == name);

    /// <summary>The values of a list, and whether each is an entry of its own; a bare value counts as one.</summary>
    public IReadOnlyList<string> List(string space, string name) =>
    [
        .. Elements(space, name).SelectMany(e => e.List is { } list ? list.Items.Select(i => i.Value) : [e.Value])
            .Concat(Attributes(space, name).Select(a => a.Value)).Where(v => v.Length > 0),
    ];

    private static XmpElement? Read(string text)
    {
        // Neither a byte order mark nor padding is XML.
        var start = text.StartsWith('\uFEFF') ? 1 : 0;
        var lines = new Lines(text, start);
        using var reader = XmlReader.Create(new StringReader(text[start..].TrimEnd('\0')), Safe);
        var position = (IXmlLineInfo)reader;
        var open = new Stack<XmpElement>();
        var (count, value) = (0, new StringBuilder());
        XmpElement? root = null, target = null;
        while (reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.XmlDeclaration when reader.GetAttribute("encoding") is { } encoding && !IsUnicode(encoding):
                    throw Refused($"states the encoding '{encoding}'; UTF-8 or UTF-16 was wanted.");
                case XmlNodeType.Element when ++count > MostElements || reader.Depth > DeepestElement:
                    throw Refused($"has more than {MostElements} elements, or is nested deeper than {DeepestElement}.");
                case XmlNodeType.Element:
                    value.Clear();
                    var element = Element(text, lines, reader, position);
                    var isRoot = root is null && element.Is(Rdf, "RDF");
                    root = isRoot ? element : root;
                    if (open.TryPeek(out var parent))
                    {
                        parent.Children.Add(element);
                        if (target is null && parent == root && element.Is(Rdf, "Description"))
                        {
                            target = element;
                            target.Namespaces = ((IXmlNamespaceResolver)reader).GetNamespacesInScope(XmlNamespaceScope.ExcludeXml);
                        }
                    }

                    if (!element.IsEmpty && (isRoot || open.Count > 0))
                    {
                        open.Push(element);
                    }

                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace:
                    value.Append(reader.Value);
                    break;
                case XmlNodeType.EndElement when open.TryPop(out var closed):
                    closed.Close(lines.At(position) - 2, value.ToString());
                    value.Clear();
                    break;
            }
        }

        return root;
    }

    private static bool IsUnicode(string encoding) =>
        encoding.StartsWith("utf-8", StringComparison.OrdinalIgnoreCase) || encoding.StartsWith("utf-16", StringComparison.OrdinalIgnoreCase);

    private static XmpElement Element(string text, Lines lines, XmlReader reader, IXmlLineInfo position)
    {
        var nameAt = lines.At(position);
        var (name, isEmpty, local, space, prefix) = (reader.Name, reader.IsEmptyElement, reader.LocalName, reader.NamespaceURI, reader.Prefix);
        var attributesEnd = nameAt + name.Length;
        var attributes = new List<XmpAttribute>();
        while (reader.MoveToNextAttribute())
        {
            var quote = text.AsSpan(lines.At(position)).IndexOfAny('"', '\'') + lines.At(position);
            attributesEnd = text.IndexOf(text[quote], quote + 1) + 1;
            if (reader.NamespaceURI != Declarations)
            {
                attributes.Add(new(reader.NamespaceURI, reader.LocalName, reader.Value, quote + 1, attributesEnd - 1));
            }
        }

        reader.MoveToElement();
        return new(space, local, prefix, nameAt - 1, attributesEnd, text.IndexOf('>', attributesEnd) + 1, isEmpty) { Attributes = attributes };
    }

    /// <summary>Turns lines and columns, as XML counts them, into places in the text.</summary>
    private sealed class Lines
    {
        private readonly List<int> _starts;

        public Lines(string text, int start)
        {
            _starts = [start];
            for (var at = start; text.AsSpan(at).IndexOfAny('\n', '\r') is >= 0 and var next;)
            {
                at += next + 1;
                if (text[at - 1] == '\r' && at < text.Length && text[at] == '\n')
                {
                    at++;
                }

                _starts.Add(at);
            }
        }

        public int At(IXmlLineInfo position) => _starts[position.LineNumber - 1] + position.LinePosition - 1;
    }
}

/// <param name="prefix">As it is written; empty for none.</param>
/// <param name="start">The place of its <c>&lt;</c>.</param>
/// <param name="attributesEnd">The place behind its name or its last attribute.</param>
/// <param name="tagEnd">The place behind its start tag.</param>
/// <param name="isEmpty">Whether that tag is all of it.</param>
internal sealed class XmpElement(string space, string name, string prefix, int start, int attributesEnd, int tagEnd, bool isEmpty)
{
    public string Space { get; } = space;

    public string Name { get; } = name;

    public string Prefix { get; } = prefix;

    public int Start { get; } = start;

    public int AttributesEnd { get; } = attributesEnd;

    public int TagEnd { get; } = tagEnd;

    public bool IsEmpty { get; } = isEmpty;

    public required IReadOnlyList<XmpAttribute> Attributes { get; init; }

    /// <summary>Namespaces by prefix, as they are where it stands; known of the first <c>rdf:Description</c>.</summary>
    public IDictionary<string, string> Namespaces { get; set; } = ReadOnlyDictionary<string, string>.Empty;

    public List<XmpElement> Children { get; } = [];

    /// <summary>The place of its end tag; of an empty one the place behind it.</summary>
    public int ContentEnd { get; private set; } = tagEnd;

    /// <summary>The text in it, where it holds no elements.</summary>
    public string Value { get; private set; } = "";

    /// <summary>Its list, if its value is one.</summary>
    public XmpElement? List => Children is [var only] && only.Space == XmpDocument.Rdf && only.Name is "Bag" or "Seq" or "Alt" ? Children[0] : null;

    public IEnumerable<XmpElement> Items => Children.Where(c => c.Is(XmpDocument.Rdf, "li"));

    /// <summary>The name as it is written.</summary>
    public string Written => Prefix.Length > 0 ? $"{Prefix}:{Name}" : Name;

    /// <summary>The place behind all of it.</summary>
    public int End(string text) => IsEmpty ? TagEnd : text.IndexOf('>', ContentEnd) + 1;

    public bool Is(string space, string name) => Space == space && Name == name;

    public void Close(int contentEnd, string value) => (ContentEnd, Value) = (contentEnd, Children.Count == 0 ? value : "");
}

/// <param name="ValueAt">The place of its value, without the quotes.</param>
/// <param name="ValueEnd">The place of the quote that ends it.</param>
internal readonly record struct XmpAttribute(string Space, string Name, string Value, int ValueAt, int ValueEnd);
