using System.Security.Cryptography.X509Certificates;

namespace Mesh.Identity;

/// <summary>
/// The bundle of one trust domain, as the SPIFFE Trust Domain and Bundle standard (4) writes it, or as a PEM file of
/// certificates. Which trust domain it is of stands in neither: whoever reads it must know.
/// </summary>
public sealed class SpiffeBundle
{
    /// <summary>The largest document that is read: 1 MiB.</summary>
    public const int MaxBytes = 1 << 20;

    internal SpiffeBundle(IReadOnlyList<X509Certificate2> x509Authorities, IReadOnlyList<JwtAuthority> jwtAuthorities, ulong? sequence, TimeSpan? refreshHint)
    {
        X509Authorities = x509Authorities;
        JwtAuthorities = jwtAuthorities;
        Sequence = sequence;
        RefreshHint = refreshHint;
    }

    /// <summary>The anchors for X.509-SVIDs. Empty means that nobody of the trust domain is trusted.</summary>
    public IReadOnlyList<X509Certificate2> X509Authorities { get; }

    /// <summary>The keys that sign JWT-SVIDs.</summary>
    public IReadOnlyList<JwtAuthority> JwtAuthorities { get; }

    /// <summary>The number of this edition (<c>spiffe_sequence</c>): a later edition has a greater one.</summary>
    public ulong? Sequence { get; }

    /// <summary>How often to look for a later edition (<c>spiffe_refresh_hint</c>).</summary>
    public TimeSpan? RefreshHint { get; }

    /// <summary>Reads a bundle: a JSON document when it begins with a brace, otherwise PEM.</summary>
    /// <exception cref="FormatException">It is neither, or not a whole one; the message says what is wrong.</exception>
    public static SpiffeBundle Parse(ReadOnlyMemory<byte> content)
    {
        if (content.Length > MaxBytes)
        {
            throw new FormatException($"A trust bundle may have {MaxBytes} bytes, and this one has {content.Length}.");
        }

        if (content.Span.StartsWith("\uFEFF"u8))
        {
            content = content["\uFEFF"u8.Length..];
        }

        return content.Span.TrimStart(" \t\r\n"u8) is [(byte)'{', ..] ? BundleJson.Parse(content) : BundlePem.Parse(content.Span);
    }
}
