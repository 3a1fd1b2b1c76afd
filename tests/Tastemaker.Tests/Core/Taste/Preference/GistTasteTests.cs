using Tastemaker.Core.Painting.Abstract;
using Tastemaker.Core.Taste.Preference;
using Tastemaker.Nets.Gist;

namespace Tastemaker.Tests.Core.Taste.Preference;

public sealed class GistTasteTests
{
    [Fact]
    public void Gist_tells_the_model_what_was_painted()
    {
        // Every other picture shows circles, the others waves, all else as it comes; whichever shows circles wins.
        var images = new float[48][];
        Parallel.For(0, images.Length, i =>
        {
            var drawn = AbstractPrompt.Draw((ulong)i + 1000);
            images[i] = GistEncoder.Encode(AbstractPainter.Paint(drawn with { Subject = i % 2 == 0 ? "many circles" : "waves" }, (ulong)i, 96), 96, 96);
        });
        var features = TasteFeatures.Of(UnitVectors.Of(images), [], _ => default, TestContext.Current.CancellationToken);
        List<Observation> lessons = [.. Enumerable.Range(0, 30).Select(i => Observation.Choice(2 * (i % 15), (2 * ((i + (i / 15)) % 15)) + 1))];

        var means = TasteModel.Learn(features, lessons, null, TestContext.Current.CancellationToken).Means;

        var tests = Enumerable.Range(0, 9).SelectMany(c => Enumerable.Range(0, 9).Select(w => means[30 + (2 * c)] > means[31 + (2 * w)])).ToList();
        Assert.InRange(tests.Average(right => right ? 1.0 : 0), 0.85, 1);
    }
}
