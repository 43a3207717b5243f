namespace Mesh.Server.Authentication.Introspection;

/// <summary>How this service tells an introspection endpoint who it is.</summary>
public enum ClientAuthentication
{
    /// <summary>Client id and secret as HTTP Basic: <c>client_secret_basic</c> of RFC 6749, 2.3.1.</summary>
    Basic,

    /// <summary>Client id and secret in the body: <c>client_secret_post</c>.</summary>
    Post,

    /// <summary>Not in the request: by the certificate of the connection, where the endpoint is in the mesh.</summary>
    None,
}
