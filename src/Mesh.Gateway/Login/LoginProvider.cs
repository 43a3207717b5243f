using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Mesh.Gateway.Login;

/// <summary>
/// The OpenID provider: the protocol is that of ASP.NET's handler, which is made here for each of its two requests and not
/// registered as a scheme. Registered, it would be asked about every request of the gateway.
/// </summary>
internal sealed partial class LoginProvider
{
    private const string Scheme = "Mesh.Login";

    // From the click to the way back: a user looks for a password, and a second factor.
    private static readonly TimeSpan LoginTimeout = TimeSpan.FromMinutes(15);
    private static readonly AuthenticationScheme AuthenticationScheme = new(Scheme, Scheme, typeof(OpenIdConnectHandler));

    private readonly LoginServices _services;
    private readonly OpenIdConnectOptions _options;
    private readonly ProviderMetadata _metadata;
    private readonly ILogger _logger;

    private LoginProvider(LoginPolicy policy, LoginServices services, IDataProtector protector, SessionCache cache, OpenIdConnectOptions options, ProviderMetadata metadata)
    {
        Cache = cache;
        Policy = policy;
        _services = services;
        Protector = protector;
        _options = options;
        _metadata = metadata;
        _logger = services.Loggers.CreateLogger<LoginProvider>();
    }

    public LoginPolicy Policy { get; }

    /// <summary>Encrypts sessions.</summary>
    public IDataProtector Protector { get; }

    /// <summary>Sessions that have been decrypted.</summary>
    public SessionCache Cache { get; }

    /// <summary>Calls the provider.</summary>
    public HttpClient Backchannel => _options.Backchannel;

    public static LoginProvider Create(LoginPolicy policy, LoginServices services, IDataProtectionProvider protection)
    {
        var options = OptionsOf(policy, services, protection);
        return new LoginProvider(
            policy,
            services,
            protection.CreateProtector("Mesh.Gateway.Login.Session", policy.Authority, policy.ClientId),
            new SessionCache(),
            options,
            new ProviderMetadata(policy.Authority, options.ConfigurationManager!, services.Time, services.Loggers.CreateLogger<ProviderMetadata>()));
    }

    /// <summary>The same provider under a policy that says the same of it.</summary>
    public LoginProvider With(LoginPolicy policy) => new(policy, _services, Protector, Cache, _options, _metadata);

    /// <returns><see langword="null"/> when the provider cannot be reached.</returns>
    public ValueTask<OpenIdConnectConfiguration?> TryGetMetadataAsync(CancellationToken cancellationToken) => _metadata.TryGetAsync(cancellationToken);

    /// <summary>Sends a browser to the provider.</summary>
    /// <returns>Whether it can be reached.</returns>
    public async Task<bool> TryChallengeAsync(HttpContext http, string returnUrl)
    {
        if (await _metadata.TryGetAsync(http.RequestAborted).ConfigureAwait(false) is null)
        {
            return false;
        }

        try
        {
            var handler = await HandlerAsync(http).ConfigureAwait(false);
            await handler.ChallengeAsync(new AuthenticationProperties { RedirectUri = returnUrl }).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidOperationException or OpenIdConnectProtocolException
            || (exception is OperationCanceledException && !http.RequestAborted.IsCancellationRequested))
        {
            Log.ChallengeFailed(_logger, Policy.Authority, exception.GetBaseException().Message);
            return false;
        }
    }

    /// <summary>Takes the answer of the provider, and gets the tokens for it.</summary>
    public async Task<LoginCallback> RedeemAsync(HttpContext http)
    {
        var callback = new LoginCallback();
        http.Features.Set(callback);
        var handler = await HandlerAsync(http).ConfigureAwait(false);
        await handler.HandleRequestAsync().ConfigureAwait(false);
        if (callback.Failure is AuthenticationFailureException stranger)
        {
            // Anybody can make up an answer.
            Log.AnswerRefused(_logger, stranger.Message);
        }
        else if (callback.Failure is { } failure)
        {
            Log.LoginFailed(_logger, failure.GetType().Name, failure.GetBaseException().Message);
        }

        return callback;
    }

    private static OpenIdConnectOptions OptionsOf(LoginPolicy policy, LoginServices services, IDataProtectionProvider protection)
    {
        var options = new OpenIdConnectOptions
        {
            Authority = policy.Authority,
            RequireHttpsMetadata = policy.Authority.StartsWith(Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase),
            ClientId = policy.ClientId,
            ClientSecret = policy.ClientSecret,
            CallbackPath = policy.CallbackPath,
            RemoteSignOutPath = default,
            ResponseType = OpenIdConnectResponseType.Code,
            ResponseMode = OpenIdConnectResponseMode.Query,
            UsePkce = true,
            SaveTokens = false,
            MapInboundClaims = false,
            DisableTelemetry = true,
            GetClaimsFromUserInfoEndpoint = policy.UserInfo,
            RemoteAuthenticationTimeout = LoginTimeout,
            CorrelationCookie = SessionCookies.Builder(SessionCookies.StatePrefix(policy), LoginTimeout),
            NonceCookie = SessionCookies.Builder(SessionCookies.NoncePrefix(policy), LoginTimeout),
            Backchannel = services.Clients.CreateClient(LoginServices.ClientName),
            Events = new LoginEvents(policy, services.Time),
            TimeProvider = services.Time,
            SignInScheme = Scheme,
        };
        options.ProtocolValidator.NonceLifetime = LoginTimeout;
        options.Scope.Clear();
        foreach (var scope in policy.Scopes)
        {
            options.Scope.Add(scope);
        }

        new OpenIdConnectPostConfigureOptions(protection).PostConfigure(Scheme, options);
        return options;
    }

    private async Task<OpenIdConnectHandler> HandlerAsync(HttpContext http)
    {
        var handler = new OpenIdConnectHandler(new FixedOptions(_options), _services.Loggers, _services.Html, _services.Url);
        await handler.InitializeAsync(AuthenticationScheme, http).ConfigureAwait(false);
        return handler;
    }

    private sealed class FixedOptions(OpenIdConnectOptions options) : IOptionsMonitor<OpenIdConnectOptions>
    {
        public OpenIdConnectOptions CurrentValue => options;

        public OpenIdConnectOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<OpenIdConnectOptions, string?> listener) => null;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A browser could not be sent to the provider {Authority}. {Reason}")]
        public static partial void ChallengeFailed(ILogger logger, string authority, string reason);

        [LoggerMessage(2, LogLevel.Debug, "An answer to a login was refused. {Reason}")]
        public static partial void AnswerRefused(ILogger logger, string reason);

        [LoggerMessage(3, LogLevel.Warning, "A login failed ({Kind}). {Reason}")]
        public static partial void LoginFailed(ILogger logger, string kind, string reason);
    }
}
