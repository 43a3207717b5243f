using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Identity.Forwarded;
using Mesh.Identity.Verification;

namespace Mesh.Identity;

/// <summary>
/// One hop of the header <c>x-forwarded-client-cert</c>, as Envoy writes it: the client certificate that a proxy saw.
/// </summary>
/// <remarks>
/// Whoever can send the header can claim anything in it: believe it only from a peer that is authenticated and listed, and
/// remove it from everybody else.
/// </remarks>
public sealed class ForwardedClientCertificate
{
    /// <summary>The name of the header.</summary>
    public const string HeaderName = "x-forwarded-client-cert";

    /// <summary>The longest header that is read, in characters: 64 Ki.</summary>
    public const int MaxLength = 1 << 16;

    /// <summary>The most hops that are read: 32.</summary>
    public const int MaxHops = 32;

    private string? _text;
    private string? _decodedCertificate;
    private string? _decodedChain;

    /// <summary>The URIs in the certificate of the proxy that wrote this hop (<c>By</c>).</summary>
    public IReadOnlyList<string> By { get; init; } = [];

    /// <summary>The SHA-256 of the client's certificate in hexadecimal digits (<c>Hash</c>).</summary>
    public string? Hash { get; init; }

    /// <summary>The subject of the client's certificate; empty when it has none, <see langword="null"/> when it was not written (<c>Subject</c>).</summary>
    public string? Subject { get; init; }

    /// <summary>The URIs in the client's certificate (<c>URI</c>).</summary>
    public IReadOnlyList<string> Uris { get; init; } = [];

    /// <summary>The DNS names in the client's certificate (<c>DNS</c>).</summary>
    public IReadOnlyList<string> DnsNames { get; init; } = [];

    /// <summary>The client's certificate in PEM (<c>Cert</c>).</summary>
    public string? Certificate
    {
        get => _decodedCertificate ??= Decode(EncodedCertificate);
        init => EncodedCertificate = value is null ? null : Uri.EscapeDataString(value);
    }

    /// <summary>The client's certificate and those above it in PEM (<c>Chain</c>).</summary>
    public string? Chain
    {
        get => _decodedChain ??= Decode(EncodedChain);
        init => EncodedChain = value is null ? null : Uri.EscapeDataString(value);
    }

    /// <summary>The client's SPIFFE ID, when its certificate has exactly one URI and that is the ID of a workload.</summary>
    public SpiffeId? Id => Uris.Count == 1 && SpiffeId.TryParse(Uris[0], out var id) && id.Path.Length > 0 ? id : null;

    internal string? EncodedCertificate { get; init; }

    internal string? EncodedChain { get; init; }

    /// <summary>Describes a peer the way Envoy does: <c>By</c>, <c>Hash</c>, <c>Subject</c>, <c>URI</c> and <c>DNS</c>.</summary>
    /// <param name="peer">The certificate that was verified.</param>
    /// <param name="by">The ID of this process; <see langword="null"/> leaves it out.</param>
    public static ForwardedClientCertificate Describe(X509Certificate2 peer, SpiffeId? by)
    {
        ArgumentNullException.ThrowIfNull(peer);
        return new ForwardedClientCertificate
        {
            By = by is null ? [] : [by.ToString()],
            Hash = Convert.ToHexStringLower(SHA256.HashData(peer.RawDataMemory.Span)),
            Subject = peer.Subject,
            Uris = CertificateReader.TryRead(peer)?.Uris ?? [],
            DnsNames = [.. peer.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(static names => names.EnumerateDnsNames())],
        };
    }

    /// <summary>Reads the header: the hops in their order, the newest last.</summary>
    /// <param name="header">Its value; several lines of it joined by commas.</param>
    /// <param name="hops">The hops; empty for an empty header.</param>
    /// <returns>
    /// <see langword="false"/> when it is absent, too long, or malformed: an unfinished quotation, a pair without <c>=</c>, a
    /// key twice that may be there once, a control character. Keys that are not known are skipped.
    /// </returns>
    public static bool TryParse(string? header, [NotNullWhen(true)] out IReadOnlyList<ForwardedClientCertificate>? hops)
    {
        hops = header is null || header.Length > MaxLength ? null : new ForwardedHeaderReader(header).Read();
        return hops is not null;
    }

    /// <summary>The header with one hop more at its end.</summary>
    /// <param name="header">What was there; <see langword="null"/> or empty for nothing.</param>
    /// <param name="hop">The newest hop.</param>
    public static string Append(string? header, ForwardedClientCertificate hop)
    {
        ArgumentNullException.ThrowIfNull(hop);
        return string.IsNullOrEmpty(header) ? hop.ToString() : $"{header},{hop}";
    }

    /// <summary>The hop as it stands in the header. What cannot stand in a header field is written as <c>?</c>.</summary>
    public override string ToString() => _text ??= ForwardedHeaderWriter.Write(this);

    // Undecodable escapes stay as they are: it is for whoever loads the certificate to refuse them.
    private static string? Decode(string? encoded) => encoded is null ? null : Uri.UnescapeDataString(encoded);
}
