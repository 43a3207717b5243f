namespace Mesh.Authorization;

/// <summary>The attributes of a request that are one text.</summary>
internal enum TextAttribute
{
    Namespace,
    RequestPrincipal,
    Host,
    Method,
    Path,
    ServerName,
}
