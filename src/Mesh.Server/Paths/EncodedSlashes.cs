namespace Mesh.Server.Paths;

/// <summary>What becomes of <c>%2F</c> in a path.</summary>
public enum EncodedSlashes
{
    /// <summary>The request is answered 400.</summary>
    Refuse,

    /// <summary>It stays as it is and is part of its segment, for rules, routes and whoever gets the request.</summary>
    Keep,

    /// <summary>It is a slash like any other.</summary>
    Decode,
}
