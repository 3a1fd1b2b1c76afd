using System.Text;

namespace Tastemaker.Nets.Weights;

/// <summary>The dictionary in front of an npy file's numbers, a Python literal of which only this much may occur:
/// <c>{'descr': '&lt;f4', 'fortran_order': False, 'shape': (3, 4), }</c>.</summary>
internal sealed record NpyHeader(string Descr, bool IsFortran, long[] Shape)
{
    public static NpyHeader Parse(ReadOnlySpan<byte> header)
    {
        var rest = new Cursor(Encoding.Latin1.GetString(header));
        var (descr, isFortran, shape) = ((string?)null, (bool?)null, (long[]?)null);
        rest.Take('{');
        while (!rest.Skip('}'))
        {
            var key = rest.Quoted();
            rest.Take(':');
            switch (key)
            {
                case "descr" when descr is null:
                    descr = rest.Descr();
                    break;
                case "fortran_order" when isFortran is null:
                    isFortran = rest.Flag();
                    break;
                case "shape" when shape is null:
                    shape = rest.Shape();
                    break;
                default:
                    throw new WeightException($"the npy header has the key '{key}'; descr, fortran_order and shape are wanted, once each.");
            }

            if (!rest.Skip(','))
            {
                rest.Take('}');
                break;
            }
        }

        rest.End();
        return descr is null || isFortran is null || shape is null
            ? throw new WeightException("the npy header lacks one of descr, fortran_order and shape.")
            : new NpyHeader(descr, isFortran.Value, shape);
    }

    private sealed class Cursor(string text)
    {
        private int _at;

        public bool Skip(char wanted)
        {
            SkipBlanks();
            var found = _at < text.Length && text[_at] == wanted;
            _at += found ? 1 : 0;
            return found;
        }

        public void Take(char wanted)
        {
            if (!Skip(wanted))
            {
                throw new WeightException($"the npy header is malformed: '{wanted}' was wanted at character {_at} of {text.Length}.");
            }
        }

        public void End()
        {
            SkipBlanks();
            if (_at != text.Length)
            {
                throw new WeightException($"the npy header goes on after its closing brace, at character {_at}.");
            }
        }

        public string Quoted()
        {
            Take('\'');
            var end = text.IndexOf('\'', _at);
            if (end < 0)
            {
                throw new WeightException($"the npy header is malformed: a string opens at character {_at} and does not close.");
            }

            var quoted = text[_at..end];
            _at = end + 1;
            return quoted;
        }

        public string Descr() => Skip('[')
            ? throw new WeightException("the npy file holds records of several fields; a plain array of numbers is wanted.")
            : Quoted();

        public bool Flag()
        {
            if (Skip('T'))
            {
                return Rest("rue");
            }

            Take('F');
            return !Rest("alse");
        }

        public long[] Shape()
        {
            var axes = new List<long>();
            Take('(');
            while (!Skip(')'))
            {
                axes.Add(Number());
                if (!Skip(','))
                {
                    Take(')');
                    break;
                }
            }

            return [.. axes];
        }

        private void SkipBlanks()
        {
            while (_at < text.Length && text[_at] is ' ' or '\n')
            {
                _at++;
            }
        }

        private bool Rest(string word)
        {
            if (!text.AsSpan(_at).StartsWith(word))
            {
                throw new WeightException($"the npy header is malformed: True or False was wanted before character {_at}.");
            }

            _at += word.Length;
            return true;
        }

        private long Number()
        {
            const int MaxDigits = 15;
            SkipBlanks();
            var (value, start) = (0L, _at);
            while (_at < text.Length && char.IsAsciiDigit(text[_at]) && _at - start < MaxDigits)
            {
                value = (value * 10) + (text[_at++] - '0');
            }

            // Arrays saved under Python 2 write long sizes as '3L'.
            _at += _at < text.Length && text[_at] == 'L' ? 1 : 0;
            return _at > start ? value : throw new WeightException($"the npy header is malformed: a size was wanted at character {_at}.");
        }
    }
}
