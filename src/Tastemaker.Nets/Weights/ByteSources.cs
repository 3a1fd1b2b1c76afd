namespace Tastemaker.Nets.Weights;

/// <summary>Reads that end in a <see cref="WeightException"/> where the file does not hold what was asked for.</summary>
internal static class ByteSources
{
    extension(ByteSource source)
    {
        /// <param name="what">Names the bytes in the message of a truncated file.</param>
        public void Fill(long offset, Span<byte> into, string what)
        {
            if (!source.Holds(offset, into.Length))
            {
                throw Truncated(source, what);
            }

            try
            {
                source.Read(offset, into);
            }
            catch (EndOfStreamException)
            {
                throw Truncated(source, what);
            }
        }

        public byte[] Bytes(long offset, int length, string what)
        {
            if (!source.Holds(offset, length))
            {
                throw Truncated(source, what);
            }

            var bytes = new byte[length];
            source.Fill(offset, bytes, what);
            return bytes;
        }

        public bool Holds(long offset, long length) => offset >= 0 && length >= 0 && offset <= source.Length - length;
    }

    private static WeightException Truncated(ByteSource source, string what) =>
        new($"the file ends inside {what} (it has {source.Length} bytes). Is the download complete?");
}
