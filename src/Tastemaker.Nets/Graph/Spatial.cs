using System.Runtime.InteropServices;

namespace Tastemaker.Nets.Graph;

/// <summary>Operators over pictures [N, channels, height, width], of any height and width, and the way between them and rows of tokens.</summary>
internal static class Spatial
{
    /// <summary>Of every group norm in Stable Diffusion.</summary>
    public const int Groups = 32;

    extension(Node x)
    {
        /// <summary>A convolution by a square kernel, with a bias: [N, c, h, w] → [N, outputs, h / stride, w / stride].</summary>
        /// <param name="before">Zeros above and on the left.</param>
        /// <param name="after">Zeros below and on the right.</param>
        public Node Conv(Scope s, int outputs, int kernel, int stride, int before, int after) =>
            new("Conv", x.Type, new(x.Shape[0], outputs, -1, -1), x, s.Weight("weight", outputs, x.Shape[1], kernel, kernel), s.Weight("bias", outputs))
            {
                Attributes =
                [
                    ("kernel_shape", new long[] { kernel, kernel }), ("strides", new long[] { stride, stride }),
                    ("pads", new long[] { before, before, after, after }),
                ],
            };

        /// <summary>A convolution by 3 × 3 that keeps height and width.</summary>
        public Node Conv3(Scope s, int outputs) => x.Conv(s, outputs, kernel: 3, stride: 1, before: 1, after: 1);

        /// <summary>A convolution by 1 × 1: a linear layer at each place.</summary>
        public Node Conv1(Scope s, int outputs) => x.Conv(s, outputs, kernel: 1, stride: 1, before: 0, after: 0);

        /// <summary>
        /// Mean 0 and deviation 1 over each of 32 groups of channels, then a scale and a shift for each channel. As an instance norm over
        /// the groups, for which ONNX Runtime has a kernel; it takes a GroupNormalization apart. On one thread at [2, 320, 64, 64], with SiLU
        /// after it: 5 ms this way, 9 ms that way, and 170 ms the convolution that follows.
        /// </summary>
        public Node GroupNorm(Scope s, float epsilon)
        {
            var channels = x.Shape[1];
            var groups = new Node("Reshape", x.Type, new(x.Shape[0], Groups, -1), x, Ops.Integers([0, Groups, -1]));
            var normed = new Node("InstanceNormalization", x.Type, groups.Shape, groups, Repeated(x.Type, 1), Repeated(x.Type, 0))
            {
                Attributes = [("epsilon", epsilon)],
            };
            return normed.ReshapeLike(x).Mul(s.Weight("weight", channels).Reshape(channels, 1, 1)).Add(s.Weight("bias", channels).Reshape(channels, 1, 1));
        }

        /// <summary>x · sigmoid(x).</summary>
        public Node Silu() => new("QuickGelu", x.Type, x.Shape, x) { Domain = "com.microsoft", Attributes = [("alpha", 1f)] };

        /// <summary>Twice as high and wide, each number four times.</summary>
        public Node Doubled() => x.Nearest(Node.Absent, Numbers([1, 1, 2, 2], ElementType.F32));

        /// <summary>As high and wide as another picture, by the nearest number above and on the left, as torch's <c>interpolate</c> does.</summary>
        public Node SizedLike(Node other) => x.Nearest(
            Node.Absent, Node.Absent, Joined([x.ShapeOf(0, 2), other.ShapeOf(2, 4)], ElementType.I64, new(4), axis: 0));

        /// <summary>Channels of two pictures, one after the other.</summary>
        public Node BesideChannels(Node y) => Joined([x, y], x.Type, new(x.Shape[0], x.Shape[1] + y.Shape[1], -1, -1), axis: 1);

        /// <summary>The places of a picture as tokens, row by row: [N, c, h, w] → [N, h · w, c].</summary>
        public Node Tokens() => new Node("Reshape", x.Type, new(x.Shape[0], x.Shape[1], -1), x, Ops.Integers([0, x.Shape[1], -1])).Transpose(0, 2, 1);

        /// <summary>Tokens as the places of a picture of as many channels.</summary>
        public Node Picture(Node like) => x.Transpose(0, 2, 1).ReshapeLike(like);

        /// <summary>Tokens as the rows of a matrix: [N, tokens, width] → [N · tokens, width].</summary>
        public Node TokenRows() => x.Reshape(-1, x.Shape[-1]);

        /// <summary>Rows of a matrix as tokens again: [N · tokens, width] → [N, tokens, width], with the tokens of <paramref name="like"/>.</summary>
        public Node AsTokens(Node like) => new("Reshape", x.Type, new(like.Shape[0], like.Shape[1], x.Shape[1]), x,
            Joined([like.ShapeOf(0, 2), Ops.Integers([x.Shape[1]])], ElementType.I64, new(3), axis: 0));

        /// <summary>The same numbers in the shape of another value.</summary>
        public Node ReshapeLike(Node like) => new("Reshape", x.Type, like.Shape, x, new Node("Shape", ElementType.I64, new(like.Shape.Rank), like));

        private Node Nearest(params ReadOnlySpan<Node> how) => new("Resize", x.Type, new(x.Shape[0], x.Shape[1], -1, -1), [x, .. how])
        {
            Attributes = [("mode", "nearest"), ("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor")],
        };

        private Node ShapeOf(int first, int end) =>
            new("Shape", ElementType.I64, new(end - first), x) { Attributes = [("start", (long)first), ("end", (long)end)] };
    }

    /// <summary>Sines and cosines of a time at frequencies from 1 down to 1/10000: <c>get_timestep_embedding</c> of diffusers, cosines first.</summary>
    /// <param name="time">[N], fractions allowed.</param>
    public static Node Waves(Node time, int width) // [N, width]
    {
        var half = width / 2;
        var falling = (float)-Math.Log(10000);
        var frequencies = Enumerable.Range(0, half).Select(i => (float)Math.Exp(falling * i / half)).ToArray();
        var angles = time.Reshape(-1, 1).Mul(Numbers(frequencies, time.Type)); // [N, width / 2]
        return Joined([new("Cos", time.Type, angles.Shape, angles), new("Sin", time.Type, angles.Shape, angles)], time.Type, new(time.Shape[0], width), axis: 1);
    }

    private static Node Joined(Node[] parts, ElementType type, Shape shape, int axis) => new("Concat", type, shape, parts) { Attributes = [("axis", (long)axis)] };

    private static Node Repeated(ElementType type, float value) => Numbers([.. Enumerable.Repeat(value, Groups)], type);

    private static Node Numbers(float[] values, ElementType type) => new(Node.Constant, type, new(values.Length))
    {
        Data = type switch
        {
            ElementType.F32 => MemoryMarshal.AsBytes<float>(values).ToArray(),
            ElementType.F16 => MemoryMarshal.AsBytes<Half>([.. values.Select(value => (Half)value)]).ToArray(),
            _ => throw new ArgumentException($"constants of {type} cannot be made of floats; F32 and F16 are known.", nameof(type)),
        },
    };
}
