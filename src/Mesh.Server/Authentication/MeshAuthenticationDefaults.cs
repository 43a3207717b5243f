namespace Mesh.Server.Authentication;

/// <summary>Names of the authentication scheme and its claims.</summary>
public static class MeshAuthenticationDefaults
{
    /// <summary>The scheme that <c>AddMeshServer()</c> registers, and the default one unless the application names another.</summary>
    public const string AuthenticationScheme = "Mesh";

    /// <summary>The authentication type of the identity that a token gives, and the name of a scheme that has only this one.</summary>
    public const string TokenAuthenticationType = "Mesh.Token";

    /// <summary>The authentication type of the identity that an API key gives, and the name of a scheme that has only this one.</summary>
    public const string ApiKeyAuthenticationType = "Mesh.ApiKey";

    /// <summary>The authentication type of the identity that stands for the calling service, and the name of a scheme that has only this one.</summary>
    public const string PeerAuthenticationType = "Mesh.Peer";

    /// <summary>The authentication type of the identity that the session of a browser gives, and the name of a scheme that has only this one.</summary>
    public const string SessionAuthenticationType = "Mesh.Session";

    /// <summary>The claim with the SPIFFE ID of the calling service; also the name of its identity.</summary>
    public const string PeerClaim = "mesh:peer";

    /// <summary>The authentication type of the identity that stands for a client which a trusted proxy speaks for.</summary>
    public const string ForwardedClientAuthenticationType = "Mesh.ForwardedClient";

    /// <summary>The claim with the SPIFFE ID of a client which a trusted proxy speaks for; also the name of its identity.</summary>
    public const string ForwardedClientClaim = "mesh:forwarded-client";

    /// <summary>The claim with the consumer an API key belongs to; also the name of its identity.</summary>
    public const string ConsumerClaim = "mesh:consumer";

    /// <summary>The claim with the name of the API key that was used.</summary>
    public const string KeyClaim = "mesh:key";

    /// <summary>The claim with what a token or an API key is good for, once for each scope.</summary>
    public const string ScopeClaim = "scope";

    // Nobody but the mesh says such things: a token that does is not asked.
    internal const string OwnClaims = "mesh:";
}
