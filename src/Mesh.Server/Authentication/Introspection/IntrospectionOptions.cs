using Mesh.Configuration;

namespace Mesh.Server.Authentication.Introspection;

/// <summary>
/// Tokens that only their issuer understands, which is asked about them (RFC 7662): section
/// <c>Mesh:Server:Authentication:Introspection</c>. They are accepted in <c>Authorization: Bearer</c> once there is an endpoint.
/// </summary>
public sealed class IntrospectionOptions
{
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestCache = TimeSpan.FromHours(1);

    /// <summary>Where the issuer answers: https, or http to this machine.</summary>
    /// <value>Default: none, and then nobody is asked.</value>
    public string? Endpoint { get; set; }

    /// <summary>What stands before the subject in <c>RequestPrincipal</c>. An answer that names another issuer is refused. Required with <see cref="Endpoint"/>.</summary>
    public string? Issuer { get; set; }

    /// <summary>The audiences of which the answer must name one.</summary>
    /// <value>Default: none, and then what the issuer calls active is accepted.</value>
    public List<string> Audiences { get; set; } = [];

    /// <summary>How this service tells the endpoint who it is.</summary>
    /// <value>Default <see cref="Introspection.ClientAuthentication.Basic"/>.</value>
    public ClientAuthentication ClientAuthentication { get; set; }

    /// <summary>The name of this service at the endpoint. Required unless <see cref="ClientAuthentication"/> is None.</summary>
    public string? ClientId { get; set; }

    /// <summary>The secret of this service at the endpoint. Required unless <see cref="ClientAuthentication"/> is None.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>How long an answer may take, up to 30 seconds.</summary>
    /// <value>Default 2 seconds.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long an active token is believed without asking again, but never beyond its <c>exp</c>: as long a revoked one may go on working. Up to an hour.</summary>
    /// <value>Default 1 minute.</value>
    public TimeSpan CacheDuration { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Equal for options that mean the same.</summary>
    internal string Fingerprint => string.Join('\u0001', [
        Endpoint,
        Issuer,
        $"{ClientAuthentication}",
        ClientId,
        ClientSecret,
        $"{Timeout}",
        $"{CacheDuration}",
        .. Audiences]);

    internal static void Read(ConfigurationReader reader, IntrospectionOptions options)
    {
        options.Endpoint = reader.Text(nameof(Endpoint)) ?? options.Endpoint;
        options.Issuer = reader.Text(nameof(Issuer)) ?? options.Issuer;
        options.Audiences = reader.Texts(nameof(Audiences)) ?? options.Audiences;
        options.ClientAuthentication = reader.OneOf<ClientAuthentication>(nameof(ClientAuthentication)) ?? options.ClientAuthentication;
        options.ClientId = reader.Text(nameof(ClientId)) ?? options.ClientId;
        options.ClientSecret = reader.Text(nameof(ClientSecret)) ?? options.ClientSecret;
        options.Timeout = reader.Duration(nameof(Timeout)) ?? options.Timeout;
        options.CacheDuration = reader.Duration(nameof(CacheDuration)) ?? options.CacheDuration;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        if (Endpoint is null)
        {
            return;
        }

        if (!JwtIssuerOptions.IsTrustworthy(Endpoint))
        {
            errors.Add($"{path}:{nameof(Endpoint)}", Endpoint, "an https address, or http to this machine");
        }

        JwtIssuerOptions.CheckName($"{path}:{nameof(Issuer)}", Issuer, "a name for the issuer of these tokens", errors);
        if (Audiences.Exists(string.IsNullOrWhiteSpace))
        {
            errors.Add($"{path}:{nameof(Audiences)}", "", "a list of names");
        }

        if (ClientAuthentication != ClientAuthentication.None)
        {
            CheckCredential($"{path}:{nameof(ClientId)}", ClientId, errors);
            CheckCredential($"{path}:{nameof(ClientSecret)}", ClientSecret, errors);
        }

        if (Timeout <= TimeSpan.Zero || Timeout > LongestTimeout)
        {
            errors.Add($"{path}:{nameof(Timeout)}", Timeout, $"a duration above 0 and up to {LongestTimeout}");
        }

        if (CacheDuration < TimeSpan.Zero || CacheDuration > LongestCache)
        {
            errors.Add($"{path}:{nameof(CacheDuration)}", CacheDuration, $"a duration from 0 to {LongestCache}");
        }
    }

    private static void CheckCredential(string path, string? value, ConfigurationErrors errors)
    {
        if (string.IsNullOrEmpty(value))
        {
            errors.Add(path, $"it is missing; with {nameof(ClientAuthentication)} 'None' none is needed.");
        }
    }
}
