using System.Globalization;
using System.Security;
using System.Text;
using System.Xml;

namespace Tastemaker.Core.Imaging.Metadata;

/// <summary>
/// Changes an XMP packet where it has to, as text: whatever is not touched stays as it is written. Ratings are changed in the form in
/// which they stand; lists keep their order, their kind and their place.
/// </summary>
internal sealed class XmpPatch
{
    private const string EmptyPacket = """
        <x:xmpmeta xmlns:x="adobe:ns:meta/">
         <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
          <rdf:Description rdf:about=""/>
         </rdf:RDF>
        </x:xmpmeta>
        """;

    private readonly XmpDocument _document;
    private readonly XmpElement _target;
    private readonly string _rdf;
    private readonly string? _indent;
    private readonly List<Edit> _edits = [];
    private readonly StringBuilder _attributes = new();
    private readonly StringBuilder _properties = new();
    private readonly Dictionary<string, string> _declared = new(StringComparer.Ordinal);

    private XmpPatch(XmpDocument document, XmpElement target)
    {
        (_document, _target, _indent) = (document, target, IndentOf(document.Text, target.Start));
        _rdf = target.Prefix.Length > 0 ? $"{target.Prefix}:" : "";
    }

    /// <summary>Patches the packet in an image file; null makes one.</summary>
    /// <exception cref="ImageException">It cannot be read, or says what it says in a form that cannot be changed.</exception>
    public static byte[] Embedded(byte[]? packet, XmpChange change) => Apply(packet,
        $"<?xpacket begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n{EmptyPacket.ReplaceLineEndings("\n")}\n<?xpacket end=\"w\"?>", change);

    /// <summary>Patches a sidecar; null makes one.</summary>
    /// <exception cref="ImageException">As of <see cref="Embedded"/>.</exception>
    public static byte[] Sidecar(byte[]? file, XmpChange change) => Apply(file,
        $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{EmptyPacket.ReplaceLineEndings("\n")}\n", change);

    private static byte[] Apply(byte[]? existing, string fresh, XmpChange change)
    {
        if (existing is not { Length: > 0 })
        {
            existing = Encoding.UTF8.GetBytes(fresh);
        }

        if (Apply(XmpText.Decode(existing), change) is not { } text)
        {
            return existing;
        }

        var patched = XmpText.Encode(text, existing);
        return patched.Length <= XmpText.MostBytes
            ? patched
            : throw new ImageException(ImageProblem.Unwritable, $"the XMP would have {patched.Length} bytes; at most {XmpText.MostBytes >> 20} MB is written.");
    }

    /// <returns>Null where it says all of it already.</returns>
    private static string? Apply(string text, XmpChange change)
    {
        var document = XmpDocument.Parse(text);
        if (document.Root is not { } root)
        {
            throw XmpDocument.Refused("has no rdf:RDF. Is it an XMP packet?");
        }

        if (document.Descriptions is [var target, ..])
        {
            var patch = new XmpPatch(document, target);
            patch.Rate(change.Rating);
            patch.Tag(change.Tags);
            return patch.Result();
        }

        var prefix = root.Prefix.Length > 0 ? $"{root.Prefix}:" : "";
        var about = root.Prefix.Length > 0 ? $" {prefix}about=\"\"" : "";
        var described = root.IsEmpty
            ? text[..(root.TagEnd - 2)] + $"><{prefix}Description{about}/></{root.Written}>" + text[root.TagEnd..]
            : text.Insert(root.TagEnd, $"<{prefix}Description{about}/>");
        return Apply(described, change);
    }

    private void Rate(int? rating)
    {
        if (rating is not { } stars)
        {
            return;
        }

        var isThere = Set(XmpNames.Xmp, stars.ToString(CultureInfo.InvariantCulture), old => XmpFields.StarsOf(old) == stars);
        var percent = XmpFields.PercentOfStars(stars).ToString(CultureInfo.InvariantCulture);
        Set(XmpNames.Microsoft, percent, old => old.Trim() == percent);
        if (!isThere)
        {
            // Its namespace comes first.
            var prefix = PrefixOf(XmpNames.Xmp, "xmp");
            _attributes.Append(CultureInfo.InvariantCulture, $" {prefix}:Rating=\"{stars}\"");
        }
    }

    /// <summary>Changes every rating of a namespace; says whether there is any.</summary>
    private bool Set(string space, string value, Predicate<string> isSaid)
    {
        var isThere = false;
        foreach (var attribute in _document.Attributes(space, XmpNames.Rating))
        {
            isThere = true;
            if (!isSaid(attribute.Value))
            {
                Put(attribute.ValueAt, attribute.ValueEnd, value);
            }
        }

        foreach (var element in _document.Elements(space, XmpNames.Rating))
        {
            isThere = true;
            if (element.Children.Count > 0 || element.Attributes.Count > 0)
            {
                throw XmpDocument.Refused($"has a '{element.Written}' that is more than a bare value, so it is left alone.");
            }

            if (!isSaid(element.Value))
            {
                Fill(element, value);
            }
        }

        return isThere;
    }

    private void Tag(TagChange? change)
    {
        if (change is not null)
        {
            List(XmpNames.DublinCore, "dc", "subject", "Bag", change);
            List(XmpNames.Lightroom, "lr", "hierarchicalSubject", "Bag", change);
            List(XmpNames.DigiKam, "digiKam", "TagsList", "Seq", change);
        }
    }

    private void List(string space, string prefix, string name, string kind, TagChange change)
    {
        var elements = _document.Elements(space, name).ToList();
        if (_document.Attributes(space, name).Any() || elements.Exists(e => e.List is null && (e.Children.Count > 0 || e.Value.Trim().Length > 0)))
        {
            throw XmpDocument.Refused($"has a '{prefix}:{name}' that is no list, so it is left alone.");
        }

        var items = elements.SelectMany(e => e.List?.Items ?? []).ToList();
        foreach (var item in items.Where(i => change.Own.Contains(i.Value) && !change.Tags.Contains(i.Value)))
        {
            Remove(item);
        }

        var missing = change.Tags.Except(items.Select(i => i.Value), StringComparer.Ordinal).ToList();
        if (missing.Count == 0)
        {
            return;
        }

        if (elements.Find(e => e.List is not null)?.List is { } present)
        {
            Append(present, missing);
        }
        else if (elements is [var bare, ..])
        {
            Fill(bare, ListOf(kind, missing, _indent is null ? null : $"{_indent}  "));
        }
        else
        {
            var property = $"{PrefixOf(space, prefix)}:{name}";
            var indent = _indent is null ? null : $"{_indent} ";
            var list = ListOf(kind, missing, indent is null ? null : $"{indent} ");
            _properties.Append(CultureInfo.InvariantCulture, $"{indent}<{property}>{list}{indent}</{property}>");
        }
    }

    private string ListOf(string kind, List<string> tags, string? indent) =>
        $"{indent}<{_rdf}{kind}>{Items($"{_rdf}li", tags, indent is null ? "" : $"{indent} ")}{indent}</{_rdf}{kind}>";

    private static string Items(string name, IEnumerable<string> tags, string indent) =>
        string.Concat(tags.Select(tag => $"{indent}<{name}>{Escaped(tag)}</{name}>"));

    /// <summary>Puts items behind the last one, laid out as that is.</summary>
    private void Append(XmpElement list, List<string> tags)
    {
        var last = list.Items.LastOrDefault();
        var name = last?.Written ?? (list.Prefix.Length > 0 ? $"{list.Prefix}:li" : "li");
        if (last is not null)
        {
            var end = last.End(_document.Text);
            Put(end, end, Items(name, tags, _document.Text[SpaceBefore(last.Start)..last.Start]));
        }
        else if (list.IsEmpty)
        {
            Fill(list, Items(name, tags, _indent is null ? "" : $"{_indent}   "));
        }
        else
        {
            Put(list.TagEnd, list.TagEnd, Items(name, tags, _indent is null ? "" : $"{_indent}   "));
        }
    }

    private void Remove(XmpElement item) => Put(SpaceBefore(item.Start), item.End(_document.Text), "");

    /// <summary>Gives an element that holds nothing but text another content.</summary>
    private void Fill(XmpElement element, string content)
    {
        if (element.IsEmpty)
        {
            Put(element.AttributesEnd, element.TagEnd, $">{content}</{element.Written}>");
        }
        else
        {
            Put(element.TagEnd, element.ContentEnd, content);
        }
    }

    private void Put(int from, int to, string content) => _edits.Add(new(from, to, content));

    private string? Result()
    {
        if (_properties.Length > 0 && _target.IsEmpty)
        {
            Put(_target.AttributesEnd, _target.TagEnd, $"{_attributes}>{_properties}{_indent}</{_target.Written}>");
        }
        else
        {
            if (_attributes.Length > 0)
            {
                Put(_target.AttributesEnd, _target.AttributesEnd, _attributes.ToString());
            }

            if (_properties.Length > 0)
            {
                var end = SpaceBefore(_target.ContentEnd);
                Put(end, end, _properties.ToString());
            }
        }

        if (_edits.Count == 0)
        {
            return null;
        }

        var (result, at) = (new StringBuilder(), 0);
        foreach (var edit in _edits.OrderBy(e => e.From))
        {
            result.Append(_document.Text, at, edit.From - at).Append(edit.Content);
            at = edit.To;
        }

        return result.Append(_document.Text, at, _document.Text.Length - at).ToString();
    }

    /// <summary>Where the white space begins that stands before a place.</summary>
    private int SpaceBefore(int at)
    {
        while (char.IsWhiteSpace(_document.Text[at - 1]))
        {
            at--;
        }

        return at;
    }

    /// <summary>The prefix that a namespace has where the target stands; one is declared there if it has none.</summary>
    private string PrefixOf(string space, string wanted)
    {
        var known = _target.Namespaces.FirstOrDefault(n => n.Value == space && n.Key.Length > 0).Key;
        if (known is not null || _declared.TryGetValue(space, out known))
        {
            return known;
        }

        var free = wanted;
        for (var number = 1; _target.Namespaces.ContainsKey(free); number++)
        {
            free = $"{wanted}{number}";
        }

        _declared[space] = free;
        _attributes.Append(CultureInfo.InvariantCulture, $" xmlns:{free}=\"{space}\"");
        return free;
    }

    /// <summary>Line break and white space before an element that begins a line; null in a text that is not laid out in lines.</summary>
    private static string? IndentOf(string text, int start)
    {
        var line = text.LastIndexOf('\n', start) + 1;
        var from = line > 1 && text[line - 2] == '\r' ? line - 2 : line - 1;
        return line > 0 && string.IsNullOrWhiteSpace(text[line..start]) ? text[from..start] : null;
    }

    private static string Escaped(string tag)
    {
        try
        {
            return SecurityElement.Escape(XmlConvert.VerifyXmlChars(tag));
        }
        catch (XmlException e)
        {
            throw new ImageException(ImageProblem.Unwritable, $"the tag '{tag}' cannot be written into XMP: it holds a character that XML has not.", e);
        }
    }

    private readonly record struct Edit(int From, int To, string Content);
}
