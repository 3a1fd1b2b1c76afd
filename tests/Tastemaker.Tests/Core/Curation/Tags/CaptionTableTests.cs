using System.Text;
using Tastemaker.Core.Curation;
using Tastemaker.Core.Curation.Tags;
using Tastemaker.Core.Imaging.Metadata;
using Tastemaker.Tests.Core.Imaging.Metadata;

namespace Tastemaker.Tests.Core.Curation.Tags;

public sealed class CaptionTableTests
{
    private static readonly TagChange Best = new(TagSchemes.Find("pony-v5").Own, ["score_9"]);

    [Fact]
    public void Only_the_front_of_tags_changes_however_an_image_is_named()
    {
        const string Before = """
            {
              "a": {
                "caption": "a \"quoted\" caption",
                "tags": "score_4, 1girl, \u00fcber",
                "train_resolution": [512, 768]
              },
              "/in/b.png": {"caption": "no tags"},
              "C:\\in\\c": {"tags": "x"},
              "d": {},
              "other": {"tags": "score_4, kept"}
            }
            """;
        const string After = """
            {
              "a": {
                "caption": "a \"quoted\" caption",
                "tags": "score_9, 1girl, \u00fcber",
                "train_resolution": [512, 768]
              },
              "/in/b.png": {"tags": "score_9", "caption": "no tags"},
              "C:\\in\\c": {"tags": "score_9, x"},
              "d": {"tags": "score_9"},
              "other": {"tags": "score_4, kept"}
            }
            """;
        var missing = new List<string>();
        var changes = new[] { "/in/a.png", "/in/b.png", "C:\\in\\c", "/in/d.jpg", "/in/e.jpg" }.ToDictionary(path => path, _ => Best);

        Assert.Equal(After, Apply(Before, changes, missing));
        Assert.Equal(["/in/e.jpg"], missing);
        Assert.Equal(After, Apply(After, changes, []));
    }

    [Fact]
    public void A_name_that_two_images_have_is_neither_s()
    {
        const string Table = """{"a": {"tags": "x"}}""";
        var missing = new List<string>();

        Assert.Equal(Table, Apply(Table, new[] { "/one/a.png", "/two/a.png" }.ToDictionary(path => path, _ => Best), missing));
        Assert.Equal(["/one/a.png", "/two/a.png"], missing);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("{\"a\": {\"tags\": ")]
    [InlineData("{\"a\": {\"tags\": \"x\"},,}")]
    public void What_is_no_table_is_refused(string table) =>
        Assert.Contains("no metadata file", Assert.Throws<CurationException>(() => Apply(table, new Dictionary<string, TagChange> { ["/a.png"] = Best }, [])).Message, StringComparison.Ordinal);

    private static string Apply(string table, Dictionary<string, TagChange> changes, List<string> missing)
    {
        var bytes = Encoding.UTF8.GetBytes(table);
        return Encoding.UTF8.GetString(Splices.Apply(bytes, CaptionTable.Plan(new MemoryStream(bytes), changes, missing)));
    }
}
