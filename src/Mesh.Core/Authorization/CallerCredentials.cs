namespace Mesh.Authorization;

/// <summary>By what a caller has proved who it is.</summary>
[Flags]
public enum CallerCredentials
{
    /// <summary>By nothing.</summary>
    None = 0,

    /// <summary>A validated token.</summary>
    Token = 1,

    /// <summary>An API key.</summary>
    ApiKey = 2,

    /// <summary>A certificate of the mesh, in the handshake.</summary>
    Certificate = 4,

    /// <summary>The session of a browser that has logged in.</summary>
    Session = 8,
}
