namespace Mesh.Routing.Sessions;

/// <summary>How a caller says which session its request belongs to.</summary>
public enum SessionPersistenceType
{
    /// <summary>By a cookie, which browsers send back by themselves.</summary>
    Cookie,

    /// <summary>By a header field, which the caller copies from the response.</summary>
    Header,
}
