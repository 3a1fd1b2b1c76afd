using System.Numerics;

namespace Tastemaker.Core.Painting.Abstract;

/// <summary>
/// A square of OKLab pixels, addressed in units of its side: (0, 0) is the left top corner, (1, 1) the right bottom one.
/// Shapes are signed distances (negative inside), which gives smooth edges and soft shadows alike.
/// </summary>
internal sealed class Canvas(int size)
{
    // A stroke's footprint while it is drawn.
    private readonly float[] _coverage = new float[size * size];
    private readonly float[] _along = new float[size * size];
    private readonly List<int> _touched = [];

    public int Size { get; } = size;

    public Vector3[] Pixels { get; private set; } = new Vector3[size * size];

    public Canvas Copy() => new(Size) { Pixels = (Vector3[])Pixels.Clone() };

    public void Fill(Func<Vector2, Vector3> colour) => Change((p, _) => colour(p));

    public void Change(Func<Vector2, Vector3, Vector3> change)
    {
        for (int y = 0, i = 0; y < Size; y++)
        {
            for (var x = 0; x < Size; x++, i++)
            {
                Pixels[i] = change(new Vector2(x + 0.5f, y + 0.5f) / Size, Pixels[i]);
            }
        }
    }

    /// <summary>Paints where <paramref name="distance"/> is negative, with an edge <paramref name="softness"/> wide.</summary>
    public void Shape(
        Vector2 low, Vector2 high, Func<Vector2, float> distance, Func<Vector2, Vector3> colour, float opacity = 1, float softness = 0)
    {
        var edge = Math.Max(softness, 1f / Size);
        int left = Index(low.X - edge), right = Index(high.X + edge), top = Index(low.Y - edge), bottom = Index(high.Y + edge);
        for (var y = top; y <= bottom; y++)
        {
            for (var x = left; x <= right; x++)
            {
                var p = new Vector2(x + 0.5f, y + 0.5f) / Size;
                var coverage = Math.Clamp(0.5f - (distance(p) / edge), 0, 1);
                if (coverage > 0)
                {
                    coverage = softness > 0 ? coverage * coverage * (3 - (2 * coverage)) : coverage;
                    ref var pixel = ref Pixels[(y * Size) + x];
                    pixel = Vector3.Lerp(pixel, colour(p), opacity * coverage);
                }
            }
        }
    }

    public void Disc(Vector2 at, float radius, Func<Vector2, Vector3> colour, float opacity = 1, float softness = 0)
    {
        var reach = new Vector2(radius);
        Shape(at - reach, at + reach, p => Vector2.Distance(p, at) - radius, colour, opacity, softness);
    }

    /// <summary>A convex polygon, corners in either order around it.</summary>
    public void Polygon(Vector2[] corners, Func<Vector2, Vector3> colour, float opacity = 1, float softness = 0)
    {
        Vector2 low = corners[0], high = corners[0], centre = Vector2.Zero;
        foreach (var c in corners)
        {
            (low, high) = (Vector2.Min(low, c), Vector2.Max(high, c));
            centre += c / corners.Length;
        }

        var edges = new (Vector2 Normal, float Offset)[corners.Length];
        for (var i = 0; i < corners.Length; i++)
        {
            var along = Vector2.Normalize(corners[(i + 1) % corners.Length] - corners[i] + new Vector2(1e-6f, 0));
            var normal = new Vector2(along.Y, -along.X);
            normal = Vector2.Dot(normal, centre - corners[i]) > 0 ? -normal : normal;
            edges[i] = (normal, Vector2.Dot(normal, corners[i]));
        }

        Shape(low, high, Distance, colour, opacity, softness);

        float Distance(Vector2 p)
        {
            var d = float.MinValue;
            foreach (var (normal, offset) in edges)
            {
                d = Math.Max(d, Vector2.Dot(normal, p) - offset);
            }

            return d;
        }
    }

    /// <summary>A line through the points, its half width given along it from 0 to 1; overlaps of a stroke with itself do not darken.</summary>
    public void Stroke(ReadOnlySpan<Vector2> points, Func<float, float> halfWidth, Func<Vector2, float, Vector3> colour, float opacity = 1)
    {
        for (var i = 0; i + 1 < points.Length; i++)
        {
            Vector2 a = points[i], b = points[i + 1], ab = b - a;
            float from = i / (points.Length - 1f), to = (i + 1) / (points.Length - 1f), ra = halfWidth(from), rb = halfWidth(to);
            var reach = Math.Max(ra, rb) + (1f / Size);
            int left = Index(Math.Min(a.X, b.X) - reach), right = Index(Math.Max(a.X, b.X) + reach);
            int top = Index(Math.Min(a.Y, b.Y) - reach), bottom = Index(Math.Max(a.Y, b.Y) + reach);
            for (var y = top; y <= bottom; y++)
            {
                for (var x = left; x <= right; x++)
                {
                    var p = new Vector2(x + 0.5f, y + 0.5f) / Size;
                    var t = Math.Clamp(Vector2.Dot(p - a, ab) / Math.Max(ab.LengthSquared(), 1e-12f), 0, 1);
                    var coverage = Math.Clamp(0.5f - ((Vector2.Distance(p, a + (t * ab)) - float.Lerp(ra, rb, t)) * Size), 0, 1);
                    var at = (y * Size) + x;
                    if (coverage > _coverage[at])
                    {
                        if (_coverage[at] == 0)
                        {
                            _touched.Add(at);
                        }

                        (_coverage[at], _along[at]) = (coverage, float.Lerp(from, to, t));
                    }
                }
            }
        }

        foreach (var at in _touched)
        {
            var p = new Vector2((at % Size) + 0.5f, (at / Size) + 0.5f) / Size;
            Pixels[at] = Vector3.Lerp(Pixels[at], colour(p, _along[at]), _coverage[at] * opacity);
            _coverage[at] = 0;
        }

        _touched.Clear();
    }

    /// <summary>The colour at a point, linear between pixel centres; beyond the edge, the edge's.</summary>
    public Vector3 Sample(Vector2 p)
    {
        float x = Math.Clamp((p.X * Size) - 0.5f, 0, Size - 1.001f), y = Math.Clamp((p.Y * Size) - 0.5f, 0, Size - 1.001f);
        int ix = (int)x, iy = (int)y, i = (iy * Size) + ix;
        return Vector3.Lerp(
            Vector3.Lerp(Pixels[i], Pixels[i + 1], x - ix), Vector3.Lerp(Pixels[i + Size], Pixels[i + Size + 1], x - ix), y - iy);
    }

    /// <summary>Three box blurs one after the other, which is nearly a Gaussian of deviation <paramref name="sigma"/> (in sides).</summary>
    public void Blur(float sigma)
    {
        var radius = (int)Math.Round(sigma * Size);
        if (radius < 1)
        {
            return;
        }

        var line = new Vector3[Size];
        for (var pass = 0; pass < 3; pass++)
        {
            for (var i = 0; i < Size; i++)
            {
                BlurLine(i * Size, 1, radius, line);
            }

            for (var i = 0; i < Size; i++)
            {
                BlurLine(i, Size, radius, line);
            }
        }
    }

    private void BlurLine(int start, int step, int radius, Vector3[] line)
    {
        for (var i = 0; i < Size; i++)
        {
            line[i] = Pixels[start + (i * step)];
        }

        var sum = line[0] * radius;
        for (var i = 0; i <= radius; i++)
        {
            sum += line[Math.Min(i, Size - 1)];
        }

        for (var i = 0; i < Size; i++)
        {
            Pixels[start + (i * step)] = sum / ((2 * radius) + 1);
            sum += line[Math.Min(i + radius + 1, Size - 1)] - line[Math.Max(i - radius, 0)];
        }
    }

    private int Index(float unit) => (int)Math.Clamp(unit * Size, 0, Size - 1);
}
