using System.Collections.Frozen;

namespace Mesh.Authorization;

/// <summary>For each text that rules name, which rules: those that name it, and those that name none.</summary>
internal sealed class BitsByText
{
    private readonly FrozenDictionary<string, ulong[]> _bits;
    private readonly ulong[] _unnamed;

    /// <param name="keys">For each rule the texts it names, or <see langword="null"/>.</param>
    /// <param name="words">The size of a set.</param>
    /// <param name="comparer">How texts are compared.</param>
    public BitsByText(IEnumerable<string[]?> keys, int words, StringComparer comparer)
    {
        _unnamed = new ulong[words];
        var named = new Dictionary<string, ulong[]>(comparer);
        foreach (var (number, texts) in keys.Index())
        {
            foreach (var text in texts ?? [])
            {
                if (!named.TryGetValue(text, out var bits))
                {
                    named[text] = bits = new ulong[words];
                }

                Bits.Set(bits, number);
            }

            if (texts is null)
            {
                Bits.Set(_unnamed, number);
            }
        }

        foreach (var bits in named.Values)
        {
            Bits.Unite(_unnamed, bits);
        }

        _bits = named.ToFrozenDictionary(comparer);
    }

    public void Intersect(string? text, Span<ulong> candidates) =>
        Bits.Intersect(text is not null && _bits.TryGetValue(text, out var bits) ? bits : _unnamed, candidates);
}
