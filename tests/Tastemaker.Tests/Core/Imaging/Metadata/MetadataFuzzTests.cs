namespace Tastemaker.Tests.Core.Imaging.Metadata;

/// <summary>Files of <c>Goldens/metadata</c>, whole and spoilt (<see cref="Fuzz"/>).</summary>
public sealed class MetadataFuzzTests
{
    private static readonly string Folder = Path.Combine(Goldens.Own, "metadata");

    public static TheoryData<string> Corpus => Fuzz.Corpus(Folder);

    [Theory]
    [MemberData(nameof(Corpus))]
    public void Every_file_of_the_corpus_is_read_or_named(string name) => MetadataFuzz.Check(File.ReadAllBytes(Path.Combine(Folder, name)));

    [Fact]
    public void Spoilt_files_are_read_or_named() => Fuzz.Run(Folder, MetadataFuzz.Fragments, (_, spoilt) => MetadataFuzz.Check(spoilt));
}
