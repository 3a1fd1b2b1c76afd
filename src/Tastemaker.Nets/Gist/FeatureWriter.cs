using System.Runtime.CompilerServices;

namespace Tastemaker.Nets.Gist;

/// <summary>
/// Receives one feature after the other with its name, so that a value and its name stand on one line of the code that
/// computes it. Names are only put together when they are asked for.
/// </summary>
internal sealed class FeatureWriter(List<string>? names = null)
{
    private readonly List<float> _values = new(640);

    public bool WantsNames => names is not null;

    public IReadOnlyList<float> Values => _values;

    public void Add(string name, double value)
    {
        names?.Add(name);
        _values.Add((float)value);
    }

    public void Add([InterpolatedStringHandlerArgument("")] FeatureName name, double value)
    {
        names?.Add(name.ToString());
        _values.Add((float)value);
    }

    /// <summary>Formats an interpolated name if its writer wants names, and does nothing otherwise.</summary>
    [InterpolatedStringHandler]
    public ref struct FeatureName
    {
        private DefaultInterpolatedStringHandler _text;

        public FeatureName(int literalLength, int formattedCount, FeatureWriter writer, out bool isWanted)
        {
            isWanted = writer.WantsNames;
            _text = isWanted ? new DefaultInterpolatedStringHandler(literalLength, formattedCount) : default;
        }

        public void AppendLiteral(string text) => _text.AppendLiteral(text);

        public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

        public override string ToString() => _text.ToStringAndClear();
    }
}
