using Mesh.Configuration;

namespace Mesh.Routing.Sessions;

/// <summary>
/// Keeps the requests of a caller with one endpoint, as the Gateway API's <c>sessionPersistence</c> says (GEP-1619). What is
/// kept is a wish: an endpoint that has gone or is out of rotation is replaced by another.
/// </summary>
public sealed class SessionPersistenceOptions
{
    /// <summary>The name of the cookie or the header field.</summary>
    /// <value>Default <c>mesh-session</c>.</value>
    public string? SessionName { get; set; }

    /// <summary>Whether it is a cookie or a header field.</summary>
    /// <value>Default <see cref="SessionPersistenceType.Cookie"/>.</value>
    public SessionPersistenceType Type { get; set; }

    /// <summary>How long a session lasts, whatever is done in it.</summary>
    /// <value>Default <see langword="null"/>: as long as the caller keeps it.</value>
    public TimeSpan? AbsoluteTimeout { get; set; }

    /// <summary>The cookie, if it is one.</summary>
    public SessionCookieOptions CookieConfig { get; } = new();

    internal static void Read(ConfigurationReader reader, SessionPersistenceOptions options)
    {
        options.SessionName = reader.Text(nameof(SessionName)) ?? options.SessionName;
        options.Type = reader.OneOf<SessionPersistenceType>(nameof(Type)) ?? options.Type;
        options.AbsoluteTimeout = reader.Duration(nameof(AbsoluteTimeout)) ?? options.AbsoluteTimeout;
        reader.Section(nameof(CookieConfig), options.CookieConfig, SessionCookieOptions.Read);
    }

    internal RouteSession Compile(string path, ConfigurationErrors errors)
    {
        var name = SessionName ?? "mesh-session";
        if (!RouteSyntax.IsToken(name))
        {
            errors.Add($"{path}:{nameof(SessionName)}", name, "the name of a cookie or header field");
        }

        errors.CheckDuration($"{path}:{nameof(AbsoluteTimeout)}", AbsoluteTimeout);
        var isPermanent = CookieConfig.LifetimeType == SessionCookieLifetime.Permanent;
        if (isPermanent && (Type != SessionPersistenceType.Cookie || AbsoluteTimeout is null))
        {
            errors.Add($"{path}:{nameof(CookieConfig)}:{nameof(CookieConfig.LifetimeType)}", $"a permanent cookie is one of {nameof(Type)} {SessionPersistenceType.Cookie} with an {nameof(AbsoluteTimeout)}.");
        }

        return new RouteSession(name, Type, AbsoluteTimeout, isPermanent);
    }
}
