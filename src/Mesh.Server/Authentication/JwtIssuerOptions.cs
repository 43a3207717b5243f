using System.Text;
using Mesh.Configuration;

namespace Mesh.Server.Authentication;

/// <summary>An issuer whose tokens are accepted: one entry of <c>Mesh:Server:Authentication:Jwt</c>.</summary>
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

    internal static void Read(ConfigurationReader reader, JwtIssuerOptions options)
    {
        options.Issuer = reader.Text(nameof(Issuer)) ?? options.Issuer;
        options.Audiences = reader.Texts(nameof(Audiences)) ?? options.Audiences;
        options.JwksUri = reader.Text(nameof(JwksUri)) ?? options.JwksUri;
        options.Jwks = reader.Text(nameof(Jwks)) ?? options.Jwks;
        options.ClockSkew = reader.Duration(nameof(ClockSkew)) ?? options.ClockSkew;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        if (string.IsNullOrWhiteSpace(Issuer))
        {
            errors.Add($"{path}:{nameof(Issuer)}", Issuer, "the 'iss' of the tokens to accept");
        }

        if (Audiences.Exists(string.IsNullOrWhiteSpace))
        {
            errors.Add($"{path}:{nameof(Audiences)}", "", "a list of names");
        }

        if (ClockSkew < TimeSpan.Zero || ClockSkew > TimeSpan.FromMinutes(5))
        {
            errors.Add($"{path}:{nameof(ClockSkew)}", ClockSkew, "a duration from 0 to 5 minutes");
        }

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

    /// <summary>Whether keys may be fetched from there: nobody on the way must be able to swap them.</summary>
    internal static bool IsTrustworthy(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));

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
