using Mesh.Configuration;

namespace Mesh.Routing.Sessions;

/// <summary>The cookie of a session.</summary>
public sealed class SessionCookieOptions
{
    /// <summary>How long a browser keeps it.</summary>
    /// <value>Default <see cref="SessionCookieLifetime.Session"/>.</value>
    public SessionCookieLifetime LifetimeType { get; set; }

    internal static void Read(ConfigurationReader reader, SessionCookieOptions options) =>
        options.LifetimeType = reader.OneOf<SessionCookieLifetime>(nameof(LifetimeType)) ?? options.LifetimeType;
}
