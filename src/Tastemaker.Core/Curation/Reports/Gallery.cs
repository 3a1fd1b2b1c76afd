using System.Globalization;
using System.Net;
using System.Text;
using Tastemaker.Core.Imaging;
using Tastemaker.Core.Platform;
using Tastemaker.Core.Taste;

namespace Tastemaker.Core.Curation.Reports;

/// <summary>
/// The small pictures of a page. One that is shown in several places is in the file once: tiles refer to it, and
/// <see cref="Definitions"/> comes after them all.
/// </summary>
internal sealed class Gallery
{
    private const int Side = 128;

    private readonly IReadOnlyList<Scored> _images;
    private readonly List<int> _shown = [];
    private readonly Dictionary<string, int> _places = [];
    private readonly int _rootLength;

    public Gallery(IReadOnlyList<Scored> images)
    {
        _images = images;
        _rootLength = CommonFolder(images).Length;
    }

    /// <summary>The name of an image from the folder that holds all of them, so that a page that is shown around tells no more of the disk.</summary>
    public string NameOf(Scored image) => image.Name[_rootLength..].Replace('\\', '/');

    /// <summary>The same without copies: of several files with one picture the first stays.</summary>
    public IEnumerable<int> Different(IEnumerable<int> images) => images.DistinctBy(Content);

    /// <summary>Tiles in a row that wraps.</summary>
    /// <param name="note">What is written under each.</param>
    public string Tiles(IEnumerable<int> images, Func<int, string> note)
    {
        var html = new StringBuilder("<ul class=\"tiles\">");
        foreach (var image in images)
        {
            if (_places.TryAdd(Content(image), _shown.Count))
            {
                _shown.Add(image);
            }

            var (name, words) = (WebUtility.HtmlEncode(NameOf(_images[image])), note(image));
            html.Append(CultureInfo.InvariantCulture,
                $"""<li><svg viewBox="0 0 {Side} {Side}" role="img" aria-label="{name}, {words}"><title>{name}</title><use href="#p{_places[Content(image)]}"/></svg><span>{words}</span></li>""").Append('\n');
        }

        return html.Append("</ul>").ToString();
    }

    /// <summary>Makes every picture that a tile refers to; those that cannot be made leave their tiles empty.</summary>
    public (string Svg, IReadOnlyList<Failure> Failures) Definitions(IProgress<Progress>? progress, CancellationToken cancel)
    {
        var made = new string?[_shown.Count];
        var failures = new Failure?[_shown.Count];
        var done = 0;
        var options = new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, made.Length, options, i =>
        {
            var path = _images[_shown[i]].Name;
            try
            {
                made[i] = Convert.ToBase64String(ImageDecoder.Thumbnail(path, Side, cancel));
            }
            catch (Exception e) when (e is ImageException or IOException or UnauthorizedAccessException)
            {
                failures[i] = new(path, e.Message);
            }

            progress?.Report(new("making thumbnails", Interlocked.Increment(ref done), made.Length));
        });

        var svg = new StringBuilder("<svg class=\"store\" aria-hidden=\"true\"><defs>\n");
        foreach (var (place, picture) in made.Index().Where(m => m.Item is not null))
        {
            svg.Append(CultureInfo.InvariantCulture, $"""<image id="p{place}" width="{Side}" height="{Side}" href="data:image/webp;base64,{picture}"/>""").Append('\n');
        }

        return (svg.Append("</defs></svg>").ToString(), [.. failures.OfType<Failure>()]);
    }

    private string Content(int image) => _images[image].ContentId ?? _images[image].Name;

    /// <summary>With its separator at the end; empty where the images share none.</summary>
    private static string CommonFolder(IReadOnlyList<Scored> images)
    {
        var (first, length) = (images[0].Name, images[0].Name.Length);
        foreach (var image in images)
        {
            length = first.AsSpan(0, length).CommonPrefixLength(image.Name);
        }

        return first[..(first.AsSpan(0, length).LastIndexOfAny('/', '\\') + 1)];
    }
}
