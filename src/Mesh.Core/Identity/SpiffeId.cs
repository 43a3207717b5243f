using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Mesh.Identity;

/// <summary>
/// The name of a workload, <c>spiffe://{trust domain}/{path}</c>, as the SPIFFE-ID standard defines it.
/// </summary>
public sealed class SpiffeId : IEquatable<SpiffeId>, IParsable<SpiffeId>
{
    /// <summary>The longest ID in bytes (SPIFFE-ID, 2.3).</summary>
    public const int MaxLength = 2048;

    private const int MaxTrustDomainLength = 255;
    private const string Scheme = "spiffe://";
    private const string NamespaceSegment = "ns";
    private const string ServiceAccountSegment = "sa";

    private static readonly SearchValues<char> TrustDomainCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789.-_");

    private static readonly SearchValues<char> PathCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_");

    private readonly string _text;

    private SpiffeId(string text, int trustDomainEnd)
    {
        _text = text;
        TrustDomain = text[Scheme.Length..trustDomainEnd];
        Path = text[trustDomainEnd..];
        var segments = Path.Split('/');
        if (segments is ["", NamespaceSegment, var ns, ServiceAccountSegment, var account])
        {
            Namespace = ns;
            ServiceAccount = account;
        }
    }

    /// <summary>The trust domain, for example <c>shop.example</c>.</summary>
    public string TrustDomain { get; }

    /// <summary>The path with its leading slash, or empty for the ID of a trust domain itself.</summary>
    public string Path { get; }

    /// <summary>The namespace of an ID of the form <c>/ns/{namespace}/sa/{account}</c>; otherwise <see langword="null"/>.</summary>
    public string? Namespace { get; }

    /// <summary>The service account of an ID of that form; otherwise <see langword="null"/>.</summary>
    public string? ServiceAccount { get; }

    /// <summary>The ID without its scheme, which is how Istio's authorization policies write a principal.</summary>
    public string Principal => field ??= _text[Scheme.Length..];

    /// <summary>The conventional ID of a service: <c>spiffe://{trustDomain}/ns/{ns}/sa/{account}</c>.</summary>
    /// <exception cref="FormatException">A part has characters the standard does not allow.</exception>
    public static SpiffeId ForService(string trustDomain, string ns, string account) =>
        Parse($"{Scheme}{trustDomain}/{NamespaceSegment}/{ns}/{ServiceAccountSegment}/{account}");

    /// <summary>Reads an ID.</summary>
    /// <exception cref="FormatException">It breaks the standard; the message says which rule.</exception>
    public static SpiffeId Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out var id, out var error)
            ? id
            : throw new FormatException($"'{(text.Length <= 256 ? text : text[..256] + "…")}' is not a SPIFFE ID: {error}.");
    }

    /// <summary>Reads an ID, or says no.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out SpiffeId? id) => TryParse(text, out id, out _);

    /// <summary>Reads an ID, or says which rule it breaks.</summary>
    public static bool TryParse(
        [NotNullWhen(true)] string? text,
        [NotNullWhen(true)] out SpiffeId? id,
        [NotNullWhen(false)] out string? error)
    {
        id = null;
        error = FindError(text, out var trustDomainEnd);
        if (error is not null || text is null)
        {
            error ??= "it is missing";
            return false;
        }

        id = new SpiffeId(text, trustDomainEnd);
        return true;
    }

    /// <summary>Whether <paramref name="text"/> can be a trust domain: 1 to 255 of <c>a-z 0-9 . - _</c>.</summary>
    public static bool IsTrustDomain(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= MaxTrustDomainLength && !text.ContainsAnyExcept(TrustDomainCharacters);

    /// <summary>Whether <paramref name="text"/> can be one segment of a path: letters, digits, <c>. - _</c>, but not <c>.</c> or <c>..</c>.</summary>
    public static bool IsPathSegment(ReadOnlySpan<char> text) =>
        text.Length > 0 && text is not ("." or "..") && !text.ContainsAnyExcept(PathCharacters);

    /// <inheritdoc/>
    public bool Equals(SpiffeId? other) => other is not null && string.Equals(_text, other._text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SpiffeId);

    /// <inheritdoc/>
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    /// <summary>The whole ID, scheme included.</summary>
    public override string ToString() => _text;

    /// <summary>Whether both name the same workload.</summary>
    public static bool operator ==(SpiffeId? left, SpiffeId? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether they name different workloads.</summary>
    public static bool operator !=(SpiffeId? left, SpiffeId? right) => !(left == right);

    static SpiffeId IParsable<SpiffeId>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<SpiffeId>.TryParse(string? s, IFormatProvider? provider, out SpiffeId result)
    {
        var parsed = TryParse(s, out var id);
        result = id!;
        return parsed;
    }

    private static string? FindError(string? text, out int trustDomainEnd)
    {
        trustDomainEnd = 0;
        if (string.IsNullOrEmpty(text))
        {
            return "it is empty";
        }

        if (text.Length > MaxLength)
        {
            return $"it is longer than {MaxLength} bytes";
        }

        if (!text.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return "it does not start with 'spiffe://'";
        }

        var pathStart = text.IndexOf('/', Scheme.Length);
        trustDomainEnd = pathStart < 0 ? text.Length : pathStart;
        if (!IsTrustDomain(text.AsSpan(Scheme.Length, trustDomainEnd - Scheme.Length)))
        {
            return "the trust domain must be 1 to 255 characters of a-z, 0-9, '.', '-' and '_'";
        }

        if (pathStart < 0)
        {
            return null;
        }

        var path = text.AsSpan(pathStart + 1);
        foreach (var segment in path.Split('/'))
        {
            if (!IsPathSegment(path[segment]))
            {
                return "a path segment must be letters, digits, '.', '-' and '_', and not empty, '.' or '..'";
            }
        }

        return null;
    }
}
