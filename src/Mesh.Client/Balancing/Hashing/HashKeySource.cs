namespace Mesh.Client.Balancing.Hashing;

/// <summary>Where a request carries what it should stick to an endpoint by.</summary>
public enum HashKeySource
{
    /// <summary>What the application put into the request's options under <see cref="MeshRequestOptions.HashKey"/>.</summary>
    Key,

    /// <summary>A header of the request.</summary>
    Header,

    /// <summary>A cookie of the request.</summary>
    Cookie,

    /// <summary>A parameter of the query.</summary>
    Query,

    /// <summary>The path, without the query.</summary>
    Path,
}
