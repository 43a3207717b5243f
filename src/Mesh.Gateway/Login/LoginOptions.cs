using Mesh.Configuration;

namespace Mesh.Gateway.Login;

/// <summary>How users log in with a browser, by OpenID Connect: section <c>Mesh:Gateway:Login</c>, for <c>AddMeshLogin()</c>.</summary>
public sealed class LoginOptions
{
    /// <summary>The issuer of the OpenID provider: https, or http to this machine. Required.</summary>
    public string? Authority { get; set; }

    /// <summary>What the provider calls this gateway; required.</summary>
    public string? ClientId { get; set; }

    /// <summary>The secret of this gateway at the provider, sent as <c>client_secret_post</c>.</summary>
    /// <value>Default <see langword="null"/>: a public client, which has PKCE alone.</value>
    public string? ClientSecret { get; set; }

    /// <summary>A file with the secret, in place of <see cref="ClientSecret"/>. Read at the start and at each reload.</summary>
    /// <value>Default <see langword="null"/>.</value>
    public string? ClientSecretFile { get; set; }

    /// <summary>What is asked for.</summary>
    /// <value>Default <c>openid</c> and <c>profile</c>. <c>offline_access</c> gives refresh tokens at many providers.</value>
    public List<string> Scopes { get; set; } = ["openid", "profile"];

    /// <summary>Where a browser begins to log in: <c>GET</c>, with the parameter <c>returnUrl</c>.</summary>
    /// <value>Default <c>/mesh/login</c>.</value>
    public string LoginPath { get; set; } = "/mesh/login";

    /// <summary>Where the provider sends a browser back: the redirect URI that is registered there.</summary>
    /// <value>Default <c>/mesh/login/callback</c>.</value>
    public string CallbackPath { get; set; } = "/mesh/login/callback";

    /// <summary>Where a browser logs out: <c>POST</c>.</summary>
    /// <value>Default <c>/mesh/logout</c>.</value>
    public string LogoutPath { get; set; } = "/mesh/logout";

    /// <summary>The path on which a browser ends that has logged out: the post-logout redirect URI that is registered at the provider.</summary>
    /// <value>Default <c>/</c>.</value>
    public string AfterLogout { get; set; } = "/";

    /// <summary>What browsers call this gateway, such as <c>https://shop.example</c>: the beginning of redirect URIs, and the origin of its own pages.</summary>
    /// <value>Default <see langword="null"/>: scheme and host of each request.</value>
    public string? PublicOrigin { get; set; }

    /// <summary>The name of the session's cookie. Cookies whose names begin with it are the gateway's own.</summary>
    /// <value>Default <c>__Host-mesh-session</c>. The prefix <c>__Host-</c> is required: no neighbouring domain can set such a cookie.</value>
    public string CookieName { get; set; } = "__Host-mesh-session";

    /// <summary>How long a session lasts from the login on: from a minute to 30 days.</summary>
    /// <value>Default 8 hours.</value>
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromHours(8);

    /// <summary>How long a session lasts without a request: from a minute to <see cref="SessionLifetime"/>. Requests in the second half of it renew the cookie.</summary>
    /// <value>Default 1 hour.</value>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Whether claims are also asked for at the provider's endpoint for them, for providers whose ID tokens have few. Claims of the ID token win.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool UserInfo { get; set; }

    /// <summary>Whether sessions keep the access token, and the refresh token if there is one, so that rules with <c>ForwardCredentials</c> can send the access token to backends.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool SaveTokens { get; set; }

    /// <summary>Other origins, such as <c>https://app.shop.example</c>, whose pages may send requests with the session that change something.</summary>
    /// <value>Default: empty.</value>
    public List<string> TrustedOrigins { get; set; } = [];

    /// <summary>A folder for the keys that protect sessions, shared by all instances of the gateway.</summary>
    /// <value>Default <see langword="null"/>: the data protection of the application.</value>
    public string? KeysDirectory { get; set; }

    internal static void Read(ConfigurationReader reader, LoginOptions options)
    {
        options.Authority = reader.Text(nameof(Authority)) ?? options.Authority;
        options.ClientId = reader.Text(nameof(ClientId)) ?? options.ClientId;
        options.ClientSecret = reader.Text(nameof(ClientSecret)) ?? options.ClientSecret;
        options.ClientSecretFile = reader.Text(nameof(ClientSecretFile)) ?? options.ClientSecretFile;
        options.Scopes = reader.Texts(nameof(Scopes)) ?? options.Scopes;
        options.LoginPath = reader.Text(nameof(LoginPath)) ?? options.LoginPath;
        options.CallbackPath = reader.Text(nameof(CallbackPath)) ?? options.CallbackPath;
        options.LogoutPath = reader.Text(nameof(LogoutPath)) ?? options.LogoutPath;
        options.AfterLogout = reader.Text(nameof(AfterLogout)) ?? options.AfterLogout;
        options.PublicOrigin = reader.Text(nameof(PublicOrigin)) ?? options.PublicOrigin;
        options.CookieName = reader.Text(nameof(CookieName)) ?? options.CookieName;
        options.SessionLifetime = reader.Duration(nameof(SessionLifetime)) ?? options.SessionLifetime;
        options.IdleTimeout = reader.Duration(nameof(IdleTimeout)) ?? options.IdleTimeout;
        options.UserInfo = reader.Boolean(nameof(UserInfo)) ?? options.UserInfo;
        options.SaveTokens = reader.Boolean(nameof(SaveTokens)) ?? options.SaveTokens;
        options.TrustedOrigins = reader.Texts(nameof(TrustedOrigins)) ?? options.TrustedOrigins;
        options.KeysDirectory = reader.Text(nameof(KeysDirectory)) ?? options.KeysDirectory;
    }
}
