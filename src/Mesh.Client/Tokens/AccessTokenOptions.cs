using Mesh.Configuration;

namespace Mesh.Client.Tokens;

/// <summary>
/// The access token that calls to a service carry: section <c>AccessToken</c> of a service. The defaults of the client may hold
/// every field but <see cref="Source"/>: no service gets a token that did not ask for one.
/// </summary>
public sealed class AccessTokenOptions
{
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Where the token comes from: one of <see cref="AccessTokenSources"/>, or the name of an <see cref="IAccessTokenSource"/> of the application.</summary>
    /// <value>Default: none, and then calls carry what the application has put there.</value>
    public string? Source { get; set; }

    /// <summary>Where tokens are issued: https, or http to this machine or in Development. A service of the mesh may be named like any other.</summary>
    public string? TokenEndpoint { get; set; }

    /// <summary>The name of this process at the endpoint.</summary>
    public string? ClientId { get; set; }

    /// <summary>How this process tells the endpoint who it is.</summary>
    /// <value>Default: what there is a credential for; <see cref="ClientAuthentication.Basic"/> for a secret.</value>
    public ClientAuthentication? ClientAuthentication { get; set; }

    /// <summary>The secret of this process at the endpoint.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>A file with the secret, read again for each token: a rotated secret needs no restart.</summary>
    public string? ClientSecretFile { get; set; }

    /// <summary>A PEM file with the RSA or EC key that signs assertions, read again for each token. RS256, or ES256 to ES512 by the curve.</summary>
    public string? PrivateKeyFile { get; set; }

    /// <summary>The <c>kid</c> of that key.</summary>
    /// <value>Default: none.</value>
    public string? KeyId { get; set; }

    /// <summary>A file with the assertion itself, read again for each token.</summary>
    public string? AssertionFile { get; set; }

    /// <summary>The <c>aud</c> of assertions signed here.</summary>
    /// <value>Default: <see cref="TokenEndpoint"/>; some issuers want their own name.</value>
    public string? AssertionAudience { get; set; }

    /// <summary>What the token is to allow.</summary>
    /// <value>Default: what the issuer gives without being asked.</value>
    public List<string>? Scopes { get; set; }

    /// <summary>Whom the token is for, by name.</summary>
    /// <value>Default: not sent.</value>
    public string? Audience { get; set; }

    /// <summary>Whom the token is for, by an absolute address without fragment (RFC 8707).</summary>
    /// <value>Default: not sent.</value>
    public string? Resource { get; set; }

    /// <summary>What kind of token the caller's is, for exchange.</summary>
    /// <value>Default <c>urn:ietf:params:oauth:token-type:access_token</c>.</value>
    public string? SubjectTokenType { get; set; }

    /// <summary>What kind of token is wanted in exchange.</summary>
    /// <value>Default: not sent; the issuer decides, and that is an access token.</value>
    public string? RequestedTokenType { get; set; }

    /// <summary>What to do where the token depends on the caller's and there is none.</summary>
    /// <value>Default <see cref="CallerAbsence.Reject"/>.</value>
    public CallerAbsence? WithoutCaller { get; set; }

    /// <summary>Whether the token takes the place of an <c>Authorization</c> field that the application, or the caller of a gateway, has put there.</summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool? Overwrite { get; set; }

    /// <summary>Whether the token may go to another machine without TLS.</summary>
    /// <value>Default <see langword="false"/>: such calls fail before anything is sent. To this machine it may always.</value>
    public bool? AllowPlaintext { get; set; }

    /// <summary>How long the endpoint may take, up to 60 seconds. Calls that wait have their own time-outs.</summary>
    /// <value>Default 5 seconds.</value>
    public TimeSpan? Timeout { get; set; }

    /// <summary>Whether nothing is set.</summary>
    internal bool IsEmpty =>
        Source is null
        && ClientAuthentication is null
        && (TokenEndpoint ?? ClientId ?? ClientSecret ?? ClientSecretFile ?? PrivateKeyFile ?? KeyId ?? AssertionFile ?? AssertionAudience) is null
        && Scopes is null
        && (Audience ?? Resource ?? SubjectTokenType ?? RequestedTokenType) is null
        && (WithoutCaller, Overwrite, AllowPlaintext, Timeout) is (null, null, null, null);

    internal static void Read(ConfigurationReader reader, AccessTokenOptions options)
    {
        options.Source = Text(reader, nameof(Source)) ?? options.Source;
        options.TokenEndpoint = Text(reader, nameof(TokenEndpoint)) ?? options.TokenEndpoint;
        options.ClientId = Text(reader, nameof(ClientId)) ?? options.ClientId;
        options.ClientAuthentication = reader.OneOf<ClientAuthentication>(nameof(ClientAuthentication)) ?? options.ClientAuthentication;
        options.ClientSecret = Text(reader, nameof(ClientSecret)) ?? options.ClientSecret;
        options.ClientSecretFile = Text(reader, nameof(ClientSecretFile)) ?? options.ClientSecretFile;
        options.PrivateKeyFile = Text(reader, nameof(PrivateKeyFile)) ?? options.PrivateKeyFile;
        options.KeyId = Text(reader, nameof(KeyId)) ?? options.KeyId;
        options.AssertionFile = Text(reader, nameof(AssertionFile)) ?? options.AssertionFile;
        options.AssertionAudience = Text(reader, nameof(AssertionAudience)) ?? options.AssertionAudience;
        options.Scopes = reader.Texts(nameof(Scopes)) ?? options.Scopes;
        options.Audience = Text(reader, nameof(Audience)) ?? options.Audience;
        options.Resource = Text(reader, nameof(Resource)) ?? options.Resource;
        options.SubjectTokenType = Text(reader, nameof(SubjectTokenType)) ?? options.SubjectTokenType;
        options.RequestedTokenType = Text(reader, nameof(RequestedTokenType)) ?? options.RequestedTokenType;
        options.WithoutCaller = reader.OneOf<CallerAbsence>(nameof(WithoutCaller)) ?? options.WithoutCaller;
        options.Overwrite = reader.Boolean(nameof(Overwrite)) ?? options.Overwrite;
        options.AllowPlaintext = reader.Boolean(nameof(AllowPlaintext)) ?? options.AllowPlaintext;
        options.Timeout = reader.Duration(nameof(Timeout)) ?? options.Timeout;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        for (var i = 0; i < Scopes?.Count; i++)
        {
            if (!IsScope(Scopes[i]))
            {
                errors.Add($"{path}:{nameof(Scopes)}:{i}", Scopes[i], "a scope: visible ASCII without space, quotation mark and backslash");
            }
        }

        if (Resource is not null && !(Uri.TryCreate(Resource, UriKind.Absolute, out var resource) && resource.Fragment.Length == 0))
        {
            errors.Add($"{path}:{nameof(Resource)}", Resource, "an absolute address without fragment");
        }

        if (Timeout is { } timeout && (timeout <= TimeSpan.Zero || timeout > LongestTimeout))
        {
            errors.Add($"{path}:{nameof(Timeout)}", timeout, $"a duration above 0 and up to {LongestTimeout}");
        }
    }

    // RFC 6749, 3.3.
    private static bool IsScope(string scope) =>
        scope.Length > 0 && !scope.AsSpan().ContainsAnyExceptInRange('!', '~') && scope.AsSpan().IndexOfAny('"', '\\') < 0;

    // An empty value is how environment variables say "absent".
    private static string? Text(ConfigurationReader reader, string name) => reader.Text(name) is { Length: > 0 } text ? text : null;
}
