using Tastemaker.Core.Taste;

namespace Tastemaker.Tests.Core.Taste;

public sealed class AgreementTests
{
    [Theory]
    // Newcombe 1998, table I, method 3.
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0.0000, 0.1611)]
    [InlineData(29, 29, 0.8830, 1.0000)]
    public void Intervals_are_those_of_Wilson(int agreed, int of, double low, double high)
    {
        var agreement = new Agreement(agreed, of);
        Assert.Equal(low, agreement.Low, 5e-5);
        Assert.Equal(high, agreement.High, 5e-5);
    }
}
