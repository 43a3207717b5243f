namespace Mesh.Authorization;

/// <summary>Sets of small numbers, as the bits of machine words.</summary>
internal static class Bits
{
    public static void Set(Span<ulong> bits, int number) => bits[number >> 6] |= 1UL << (number & 63);

    public static void Unite(ReadOnlySpan<ulong> source, Span<ulong> target)
    {
        for (var word = 0; word < target.Length; word++)
        {
            target[word] |= source[word];
        }
    }

    public static void Intersect(ReadOnlySpan<ulong> source, Span<ulong> target)
    {
        for (var word = 0; word < target.Length; word++)
        {
            target[word] &= source[word];
        }
    }
}
