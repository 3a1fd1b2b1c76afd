using Tastemaker.Core.Models;

namespace Tastemaker.Tests.Core.Models;

public sealed class ModelManifestTests
{
    private static readonly ModelManifest Manifest = ModelManifest.BuiltIn;

    [Fact]
    public void It_names_what_the_documentation_promises()
    {
        string[] promised = ["clip-vit-l-14", "clip-vit-b-32", "clip-vit-b-16", "asv1", "asv1-b-32", "asv1-b-16", "asv2", "csv1", "ava-logos-linear", "ava-logos-relu", "aesthetic-sac_8plus"];

        Assert.All(promised, name => Assert.NotNull(Manifest.Find(name)));
        Assert.Equal(6.9, Manifest.Find("asv2")!.Threshold);
        Assert.Equal(7.7, Manifest.Find("csv1")!.Threshold);
    }

    [Fact]
    public void Every_model_can_be_stored_and_fetched_safely()
    {
        Assert.All(Manifest.Models, model =>
        {
            Assert.True(ModelNames.IsValid(model.Name));
            Assert.Contains(Manifest.Spaces, s => s.Name == model.Space);
            Assert.NotEmpty(model.Description);
            Assert.NotEmpty(model.Licence);
            Assert.Single(model.Files, f => f.Name == KnownModel.WeightsFile);
            Assert.Equal(model.Files.Count, model.Files.Select(f => f.Name).Distinct().Count());
            Assert.All(model.Files, file =>
            {
                Assert.NotEmpty(file.Addresses);
                Assert.All(file.Addresses, a => Assert.Equal(Uri.UriSchemeHttps, a.Scheme));
                Assert.All(file.Addresses, a => Assert.True(ModelNames.IsValid(file.NameFrom(a))));
                Assert.Equal(file.Size is null, file.Sha256 is null);
                Assert.Matches("^[0-9a-f]{64}$", file.Sha256 ?? new string('0', 64));
            });
        });
        Assert.Equal(Manifest.Models.Count, Manifest.Models.Select(m => m.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Fact]
    public void A_branch_with_a_slash_stays_one_part_of_its_address()
    {
        var weights = Manifest.Find("clip-vit-b-32")!.Weights.Addresses[0];

        Assert.Equal("https://huggingface.co/openai/clip-vit-base-patch32/resolve/refs%2Fpr%2F15/model.safetensors", weights.AbsoluteUri);
    }

    [Theory]
    [InlineData("ViT-L/14", "clip-vit-l-14")]
    [InlineData("vit-b-32", "clip-vit-b-32")]
    [InlineData("ViT-L/14@336px", "clip-vit-l-14-336")]
    [InlineData("clip-vit-b-16", "clip-vit-b-16")]
    public void A_space_is_known_by_the_names_that_others_give_it(string name, string space) =>
        Assert.Equal(space, Manifest.FindSpace(name)!.Name);

    [Fact]
    public void Sizes_checksums_and_addresses_are_those_of_the_published_files()
    {
        var rows = File.ReadLines(Goldens.UpstreamFile("manifest.csv")).Skip(1).Select(l => l.Split(',')).ToDictionary(c => c[5]);

        var files = Manifest.Models.SelectMany(m => m.Files).Where(f => f.Sha256 is not null).ToList();

        Assert.True(files.Count >= 15);
        Assert.All(files, file =>
        {
            var row = rows[file.Sha256!];
            Assert.Equal(long.Parse(row[1], null), file.Size);
            var address = Uri.UnescapeDataString(file.Addresses.Single().AbsolutePath);
            Assert.Equal($"/{row[2]}/{row[4]}/{row[3]}", address);
        });
        Assert.All(Manifest.Models.SelectMany(m => m.SameWeights), sha256 => Assert.Contains(sha256, rows.Keys));
    }
}
