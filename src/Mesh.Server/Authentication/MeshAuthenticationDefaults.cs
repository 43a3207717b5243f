namespace Mesh.Server.Authentication;

/// <summary>Names of the authentication scheme and its claims.</summary>
public static class MeshAuthenticationDefaults
{
    /// <summary>The scheme that <c>AddMeshServer()</c> registers, and the default one unless the application names another.</summary>
    public const string AuthenticationScheme = "Mesh";

    /// <summary>The authentication type of the identity that stands for the calling service.</summary>
    public const string PeerAuthenticationType = "Mesh.Peer";

    /// <summary>The claim with the SPIFFE ID of the calling service; also the name of its identity.</summary>
    public const string PeerClaim = "mesh:peer";

    /// <summary>The authentication type of the identity that stands for a client which a trusted proxy speaks for.</summary>
    public const string ForwardedClientAuthenticationType = "Mesh.ForwardedClient";

    /// <summary>The claim with the SPIFFE ID of a client which a trusted proxy speaks for; also the name of its identity.</summary>
    public const string ForwardedClientClaim = "mesh:forwarded-client";
}
