using Mesh.Configuration;

namespace Mesh.Client.Tokens;

/// <summary>The sources of tokens a configuration can name: the built-in ones, and those the application registered.</summary>
/// <param name="registered">Those of the application.</param>
/// <param name="endpoint">Asks token endpoints.</param>
/// <param name="isDevelopment">Whether a token endpoint on another machine may do without TLS.</param>
internal sealed class AccessTokenCatalog(IEnumerable<IAccessTokenSource> registered, TokenEndpointClient? endpoint, bool isDevelopment)
{
    private const string AccessTokenType = "urn:ietf:params:oauth:token-type:access_token";
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);

    private readonly IAccessTokenSource[] _registered = [.. registered];

    /// <summary>Compiles what a service says over what the defaults say; <see langword="null"/> where it asks for no token.</summary>
    /// <param name="service">The service, which cannot issue the tokens that calls to itself need.</param>
    /// <param name="options">What it says.</param>
    /// <param name="defaults">What the defaults say.</param>
    /// <param name="path">Where it says so.</param>
    /// <param name="errors">Takes what does not fit together.</param>
    public AccessTokenPolicy? Compile(string service, AccessTokenOptions options, AccessTokenOptions defaults, string path, ConfigurationErrors errors)
    {
        if (options.Source is not { } name)
        {
            if (!options.IsEmpty && !ReferenceEquals(options, defaults))
            {
                errors.Add($"{path}:{nameof(options.Source)}", $"it is missing, and without it the rest means nothing; allowed is one of {Names}.");
            }

            return null;
        }

        // One of the application goes before a built-in one of the same name.
        var source = Array.FindLast(_registered, source => Is(name, source.Name));
        var passes = source is null && Is(name, AccessTokenSources.PassThrough);
        var exchanges = source is null && Is(name, AccessTokenSources.TokenExchange);
        var absence = options.WithoutCaller ?? defaults.WithoutCaller ?? CallerAbsence.Reject;
        if (source is null && !passes && !exchanges && !Is(name, AccessTokenSources.ClientCredentials))
        {
            errors.Add($"{path}:{nameof(options.Source)}", name, $"one of {Names}");
            return null;
        }

        if (source is null && (!passes || absence == CallerAbsence.ClientCredentials))
        {
            var settings = Merge(service, options, defaults, exchanges, path, errors);
            source = settings is null || endpoint is null ? null : new TokenEndpointSource(settings, endpoint);
        }

        return new AccessTokenPolicy
        {
            SourceName = name,
            Source = source,
            PassesThrough = passes,
            Scope = (options.Scopes ?? defaults.Scopes) is { Count: > 0 } scopes ? string.Join(' ', scopes) : null,
            Audience = options.Audience ?? defaults.Audience,
            Resource = options.Resource ?? defaults.Resource,
            WithoutCaller = absence,
            Overwrite = options.Overwrite ?? defaults.Overwrite ?? true,
            AllowPlaintext = options.AllowPlaintext ?? defaults.AllowPlaintext ?? false,
            Timeout = options.Timeout ?? defaults.Timeout ?? DefaultTimeout,
            Path = path,
        };
    }

    /// <summary>Refuses in the defaults what would give a token to every service there is.</summary>
    public static void CheckDefaults(AccessTokenOptions defaults, string path, ConfigurationErrors errors)
    {
        if (defaults.Source is not null)
        {
            errors.Add($"{path}:{nameof(defaults.Source)}", "it belongs to a service, not to the defaults: every host that is called would get the token.");
        }
    }

    private string Names => string.Join(
        ", ",
        new[] { AccessTokenSources.ClientCredentials, AccessTokenSources.TokenExchange, AccessTokenSources.PassThrough }.Concat(_registered.Select(static source => source.Name)));

    private TokenEndpointSettings? Merge(
        string service, AccessTokenOptions options, AccessTokenOptions defaults, bool exchanges, string path, ConfigurationErrors errors)
    {
        // A credential is one setting in several forms: a service that says one of them inherits none of the others.
        var credentials = HasCredential(options) || options.ClientAuthentication is not null ? options : defaults;
        var address = options.TokenEndpoint ?? defaults.TokenEndpoint;
        var clientId = options.ClientId ?? defaults.ClientId;
        var endpoint = CheckEndpoint(service, address, $"{path}:{nameof(options.TokenEndpoint)}", errors);
        if (clientId is null)
        {
            errors.AddMissing($"{path}:{nameof(options.ClientId)}", "the name of this process at the token endpoint");
        }

        var authentication = credentials.ClientAuthentication ?? Guess(credentials);
        CheckCredential(credentials, authentication, path, errors);
        return endpoint is null || clientId is null || authentication is null ? null : new TokenEndpointSettings
        {
            Endpoint = endpoint,
            ClientId = clientId,
            Authentication = authentication.Value,
            ClientSecret = credentials.ClientSecret,
            ClientSecretFile = credentials.ClientSecretFile,
            PrivateKeyFile = credentials.PrivateKeyFile,
            KeyId = credentials.KeyId,
            AssertionFile = credentials.AssertionFile,
            AssertionAudience = options.AssertionAudience ?? defaults.AssertionAudience ?? address!,
            SubjectTokenType = options.SubjectTokenType ?? defaults.SubjectTokenType ?? AccessTokenType,
            RequestedTokenType = options.RequestedTokenType ?? defaults.RequestedTokenType,
            Exchanges = exchanges,
        };
    }

    private Uri? CheckEndpoint(string service, string? address, string path, ConfigurationErrors errors)
    {
        if (address is null)
        {
            errors.AddMissing(path, "the address where tokens are issued");
            return null;
        }

        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri)
            || uri.UserInfo.Length > 0
            || uri.Fragment.Length > 0
            || !(uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && (uri.IsLoopback || isDevelopment))))
        {
            // What stands in front of an @ may be a password.
            errors.Add(path, address.Contains('@', StringComparison.Ordinal) ? "(an address with user information)" : address, "an https address, or http to this machine or in Development, without user information and fragment");
            return null;
        }

        if (Is(uri.IdnHost, service))
        {
            errors.Add(path, address, $"another service than '{service}' itself: calls to the endpoint would need the token that they are to fetch");
            return null;
        }

        return uri;
    }

    private static void CheckCredential(AccessTokenOptions credentials, ClientAuthentication? authentication, string path, ConfigurationErrors errors)
    {
        var (isThere, wanted) = authentication switch
        {
            ClientAuthentication.Basic or ClientAuthentication.Post =>
                (credentials.ClientSecret is null != credentials.ClientSecretFile is null, $"one of {nameof(credentials.ClientSecret)} and {nameof(credentials.ClientSecretFile)}"),
            ClientAuthentication.PrivateKeyJwt => (credentials.PrivateKeyFile is not null, nameof(credentials.PrivateKeyFile)),
            ClientAuthentication.AssertionFile => (credentials.AssertionFile is not null, nameof(credentials.AssertionFile)),
            ClientAuthentication.None => (true, ""),
            _ => (false, $"{nameof(credentials.ClientSecret)}, {nameof(credentials.ClientSecretFile)}, {nameof(credentials.PrivateKeyFile)} or {nameof(credentials.AssertionFile)}; or {nameof(credentials.ClientAuthentication)} 'None'"),
        };
        if (!isThere)
        {
            errors.Add($"{path}:{nameof(credentials.ClientAuthentication)}", authentication, $"with {wanted}");
        }
    }

    // Several credentials and no word about which: null, and that is an error.
    private static ClientAuthentication? Guess(AccessTokenOptions credentials)
    {
        var hasSecret = (credentials.ClientSecret ?? credentials.ClientSecretFile) is not null;
        return (hasSecret, credentials.PrivateKeyFile is not null, credentials.AssertionFile is not null) switch
        {
            (true, false, false) => ClientAuthentication.Basic,
            (false, true, false) => ClientAuthentication.PrivateKeyJwt,
            (false, false, true) => ClientAuthentication.AssertionFile,
            _ => null,
        };
    }

    private static bool HasCredential(AccessTokenOptions options) =>
        (options.ClientSecret ?? options.ClientSecretFile ?? options.PrivateKeyFile ?? options.AssertionFile) is not null;

    private static bool Is(string name, string other) => string.Equals(name, other, StringComparison.OrdinalIgnoreCase);
}
