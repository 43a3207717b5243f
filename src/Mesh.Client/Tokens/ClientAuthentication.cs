namespace Mesh.Client.Tokens;

/// <summary>How this process tells a token endpoint who it is.</summary>
public enum ClientAuthentication
{
    /// <summary>Client id and secret as HTTP Basic: <c>client_secret_basic</c> of RFC 6749, 2.3.1.</summary>
    Basic,

    /// <summary>Client id and secret in the body: <c>client_secret_post</c>.</summary>
    Post,

    /// <summary>A short-lived JWT signed with a key of this process: <c>private_key_jwt</c> (RFC 7523, 2.2).</summary>
    PrivateKeyJwt,

    /// <summary>A JWT that the platform keeps fresh in a file, such as the projected token of a Kubernetes service account (RFC 7523, 2.2).</summary>
    AssertionFile,

    /// <summary>The client id alone: the endpoint knows this process by the certificate of the connection (RFC 8705), or the client is public.</summary>
    None,
}
