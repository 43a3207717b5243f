using System.Diagnostics.CodeAnalysis;

namespace Mesh.Identity;

/// <summary>
/// Which workloads are meant: one (<c>spiffe://shop.example/ns/shop/sa/orders</c>), all below a path
/// (<c>spiffe://shop.example/ns/shop/*</c>), or all of a trust domain (<c>spiffe://shop.example/*</c>).
/// </summary>
/// <remarks>The asterisk stands for whole segments: <c>…/ns/shop/*</c> does not match <c>…/ns/shopping/…</c>.</remarks>
public sealed class SpiffeIdPattern : IParsable<SpiffeIdPattern>
{
    private const string Wildcard = "/*";

    private readonly SpiffeId _id;
    private readonly string? _prefix;

    private SpiffeIdPattern(SpiffeId id, bool isPrefix)
    {
        _id = id;

        // It keeps its slash, so that it ends where a segment ends.
        _prefix = isPrefix ? $"{id.Path}/" : null;
    }

    /// <summary>The pattern that matches one workload.</summary>
    public static SpiffeIdPattern Exactly(SpiffeId id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return new(id, isPrefix: false);
    }

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="FormatException">It is neither a SPIFFE ID nor one with a trailing <c>/*</c>.</exception>
    public static SpiffeIdPattern Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var isPrefix = text.EndsWith(Wildcard, StringComparison.Ordinal);
        return new(SpiffeId.Parse(isPrefix ? text[..^Wildcard.Length] : text), isPrefix);
    }

    /// <summary>Reads a pattern, or says no.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out SpiffeIdPattern? pattern)
    {
        var isPrefix = text?.EndsWith(Wildcard, StringComparison.Ordinal) == true;
        pattern = SpiffeId.TryParse(isPrefix ? text![..^Wildcard.Length] : text, out var id) ? new(id, isPrefix) : null;
        return pattern is not null;
    }

    /// <summary>Whether <paramref name="id"/> is meant.</summary>
    /// <param name="id">The ID of a verified peer.</param>
    /// <param name="aliases">The names that count as one trust domain; default none.</param>
    public bool Matches(SpiffeId id, TrustDomainAliases? aliases = null)
    {
        ArgumentNullException.ThrowIfNull(id);
        return (_prefix is null
                ? string.Equals(id.Path, _id.Path, StringComparison.Ordinal)
                : id.Path.StartsWith(_prefix, StringComparison.Ordinal))
            && (aliases ?? TrustDomainAliases.None).AreSame(id.TrustDomain, _id.TrustDomain);
    }

    /// <summary>The pattern as it is written.</summary>
    public override string ToString() => _prefix is null ? _id.ToString() : $"{_id}{Wildcard}";

    static SpiffeIdPattern IParsable<SpiffeIdPattern>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<SpiffeIdPattern>.TryParse(string? s, IFormatProvider? provider, out SpiffeIdPattern result)
    {
        var parsed = TryParse(s, out var pattern);
        result = pattern!;
        return parsed;
    }
}
