namespace Mesh.Routing.Sessions;

/// <summary>How long a browser keeps the cookie of a session.</summary>
public enum SessionCookieLifetime
{
    /// <summary>Until it is closed.</summary>
    Session,

    /// <summary>As long as <see cref="SessionPersistenceOptions.AbsoluteTimeout"/>.</summary>
    Permanent,
}
