using System.Text;
using Mesh.Configuration;
using Mesh.Server.Authentication.ApiKeys;
using Mesh.Server.Authentication.Keys;
using Mesh.Server.Authentication.Places;

namespace Mesh.Server.Authentication;

/// <summary>
/// An issuer whose tokens are accepted, and where: one entry of <c>Mesh:Server:Authentication:Jwt</c>, with the fields of a
/// rule of Istio's <c>RequestAuthentication</c>.
/// </summary>
public sealed class JwtIssuerOptions
{
    /// <summary>The value of <c>iss</c>, compared exactly. Required.</summary>
    public string? Issuer { get; set; }

    /// <summary>The audiences of which a token must name one.</summary>
    /// <value>Default: none, and then the audience is not checked, which a warning says.</value>
    public List<string> Audiences { get; set; } = [];

    /// <summary>Where the issuer's key set is.</summary>
    /// <value>
    /// Default: <c>jwks_uri</c> of the issuer's OpenID Connect discovery document. Must be <c>https</c>, or <c>http</c> to this machine.
    /// </value>
    public string? JwksUri { get; set; }

    /// <summary>The key set itself, as JSON; then nothing is fetched.</summary>
    public string? Jwks { get; set; }

    /// <summary>How far apart the clocks of issuer and service may be.</summary>
    /// <value>Default 60 seconds; at most 5 minutes.</value>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The header fields a token may be in.</summary>
    /// <value>Default: none; without any place at all, <c>Authorization: Bearer</c>.</value>
    public List<TokenHeaderOptions> FromHeaders { get; set; } = [];

    /// <summary>The query parameters a token may be in. Addresses are logged and remembered in many places: avoid it.</summary>
    /// <value>Default: none.</value>
    public List<string> FromParams { get; set; } = [];

    /// <summary>The cookies a token may be in.</summary>
    /// <value>Default: none.</value>
    public List<string> FromCookies { get; set; } = [];

    /// <summary>
    /// The claims that the application gets as header fields. What callers send under these names is removed from every
    /// request, with and without a token.
    /// </summary>
    /// <value>Default: none.</value>
    public List<ClaimHeaderOptions> OutputClaimToHeaders { get; set; } = [];

    /// <summary>The header field in which the application gets the payload of the token, as base64url JSON. What callers send is removed.</summary>
    /// <value>Default: none.</value>
    public string? OutputPayloadToHeader { get; set; }

    /// <summary>Whether the application finds the token where its caller has put it.</summary>
    /// <value>Default <see langword="true"/>; in Istio it is false.</value>
    public bool ForwardOriginalToken { get; set; } = true;

    /// <summary>
    /// Whether only tokens are accepted that are bound to the certificate of their connection (RFC 8705, <c>cnf</c> with
    /// <c>x5t#S256</c>). Those that are bound are checked in any case.
    /// </summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool RequireCertificateBinding { get; set; }

    /// <summary>Where its tokens may be.</summary>
    internal IEnumerable<TokenLocation> Locations => FromHeaders.Count + FromParams.Count + FromCookies.Count == 0
        ? [TokenLocation.Bearer]
        : FromHeaders.Select(static header => TokenLocation.Header(header.Name!, header.Prefix))
            .Concat(FromParams.Select(TokenLocation.Parameter))
            .Concat(FromCookies.Select(TokenLocation.Cookie));

    /// <summary>The header fields that are filled from its tokens.</summary>
    internal IEnumerable<string> OutputFields =>
        OutputClaimToHeaders.Select(static output => output.Header!).Concat(OutputPayloadToHeader is null ? [] : [OutputPayloadToHeader]);

    /// <summary>Equal for options that mean the same.</summary>
    internal string Fingerprint => string.Join('\u0001', [
        Issuer,
        JwksUri,
        Jwks,
        ClockSkew.ToString(),
        $"{ForwardOriginalToken} {RequireCertificateBinding}",
        OutputPayloadToHeader,
        .. Audiences,
        "\u0002",
        .. OutputClaimToHeaders.Select(static output => $"{output.Header}\u0003{output.Claim}"),
        "\u0002",
        .. Locations.Select(static location => $"{location.Place}\u0003{location.Name}\u0003{location.Prefix}")]);

    internal static void Read(ConfigurationReader reader, JwtIssuerOptions options)
    {
        options.Issuer = reader.Text(nameof(Issuer)) ?? options.Issuer;
        options.Audiences = reader.Texts(nameof(Audiences)) ?? options.Audiences;
        options.JwksUri = reader.Text(nameof(JwksUri)) ?? options.JwksUri;
        options.Jwks = reader.Text(nameof(Jwks)) ?? options.Jwks;
        options.ClockSkew = reader.Duration(nameof(ClockSkew)) ?? options.ClockSkew;
        options.FromHeaders = reader.Sections<TokenHeaderOptions>(nameof(FromHeaders), TokenHeaderOptions.Read) ?? options.FromHeaders;
        options.FromParams = reader.Texts(nameof(FromParams)) ?? options.FromParams;
        options.FromCookies = reader.Texts(nameof(FromCookies)) ?? options.FromCookies;
        options.OutputClaimToHeaders = reader.Sections<ClaimHeaderOptions>(nameof(OutputClaimToHeaders), ClaimHeaderOptions.Read) ?? options.OutputClaimToHeaders;
        options.OutputPayloadToHeader = reader.Text(nameof(OutputPayloadToHeader)) ?? options.OutputPayloadToHeader;
        options.ForwardOriginalToken = reader.Boolean(nameof(ForwardOriginalToken)) ?? options.ForwardOriginalToken;
        options.RequireCertificateBinding = reader.Boolean(nameof(RequireCertificateBinding)) ?? options.RequireCertificateBinding;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        CheckName($"{path}:{nameof(Issuer)}", Issuer, "the 'iss' of the tokens to accept", errors);

        if (Audiences.Exists(string.IsNullOrWhiteSpace))
        {
            errors.Add($"{path}:{nameof(Audiences)}", "", "a list of names");
        }

        if (ClockSkew < TimeSpan.Zero || ClockSkew > TimeSpan.FromMinutes(5))
        {
            errors.Add($"{path}:{nameof(ClockSkew)}", ClockSkew, "a duration from 0 to 5 minutes");
        }

        ValidatePlaces(path, errors);
        if (Jwks is not null)
        {
            ValidateInline(path, errors);
        }
        else if (JwksUri is not null)
        {
            ValidateAddress($"{path}:{nameof(JwksUri)}", JwksUri, "", errors);
        }
        else if (!string.IsNullOrWhiteSpace(Issuer))
        {
            ValidateAddress($"{path}:{nameof(Issuer)}", Issuer, "; or set JwksUri or Jwks, and any 'iss' is", errors);
        }
    }

    /// <summary>Adds an error unless <paramref name="issuer"/> can stand before the subject of a token.</summary>
    internal static void CheckName(string path, string? issuer, string allowed, ConfigurationErrors errors)
    {
        if (string.IsNullOrWhiteSpace(issuer))
        {
            errors.Add(path, issuer, allowed);
        }
        else if (issuer == ValidatedApiKey.Issuer || issuer.StartsWith($"{ValidatedApiKey.Issuer}/", StringComparison.Ordinal))
        {
            errors.Add(path, issuer, "any other name: the principals of API keys begin with this one");
        }
    }

    /// <summary>Whether what comes from there can be believed: nobody on the way must be able to swap it.</summary>
    internal static bool IsTrustworthy(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));

    private void ValidatePlaces(string path, ConfigurationErrors errors)
    {
        for (var i = 0; i < FromHeaders.Count; i++)
        {
            HeaderFields.CheckName($"{path}:{nameof(FromHeaders)}:{i}:{nameof(TokenHeaderOptions.Name)}", FromHeaders[i].Name, errors);
        }

        for (var i = 0; i < FromCookies.Count; i++)
        {
            // The name of a cookie is spelt as that of a field (RFC 6265, 4.1.1).
            if (!HeaderFields.IsName(FromCookies[i]))
            {
                errors.Add($"{path}:{nameof(FromCookies)}:{i}", FromCookies[i], "the name of a cookie");
            }
        }

        if (FromParams.Exists(string.IsNullOrEmpty))
        {
            errors.Add($"{path}:{nameof(FromParams)}", "", "a list of names");
        }

        for (var i = 0; i < OutputClaimToHeaders.Count; i++)
        {
            var item = $"{path}:{nameof(OutputClaimToHeaders)}:{i}";
            HeaderFields.CheckOutput($"{item}:{nameof(ClaimHeaderOptions.Header)}", OutputClaimToHeaders[i].Header, errors);
            if (string.IsNullOrEmpty(OutputClaimToHeaders[i].Claim))
            {
                errors.Add($"{item}:{nameof(ClaimHeaderOptions.Claim)}", OutputClaimToHeaders[i].Claim, "the name of a claim");
            }
        }

        if (OutputPayloadToHeader is not null)
        {
            HeaderFields.CheckOutput($"{path}:{nameof(OutputPayloadToHeader)}", OutputPayloadToHeader, errors);
        }
    }

    private void ValidateInline(string path, ConfigurationErrors errors)
    {
        if (JwksUri is not null)
        {
            errors.Add($"{path}:{nameof(JwksUri)}", JwksUri, $"only one of {nameof(Jwks)} and {nameof(JwksUri)}");
        }

        if (!KeySet.TryParse(Encoding.UTF8.GetBytes(Jwks!), out _, out var error))
        {
            errors.Add($"{path}:{nameof(Jwks)}", $"the key set is unusable: {error}.");
        }
    }

    private static void ValidateAddress(string path, string address, string otherwise, ConfigurationErrors errors)
    {
        if (!IsTrustworthy(address))
        {
            errors.Add(path, address, $"an https address, or http to this machine{otherwise}");
        }
    }
}
