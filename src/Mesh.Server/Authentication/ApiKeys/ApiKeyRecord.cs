namespace Mesh.Server.Authentication.ApiKeys;

/// <summary>What is known of an API key.</summary>
/// <param name="Consumer">Whose it is: the name in <c>RequestPrincipal</c>, claims, limits and plans.</param>
/// <param name="Id">What the key is called, to tell the keys of one consumer apart; no secret.</param>
public sealed record ApiKeyRecord(string Consumer, string Id)
{
    /// <summary>From when on it is refused.</summary>
    /// <value>Default: never.</value>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What it is good for: the values of the claim <c>scope</c>.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<string> Scopes { get; init; } = [];
}
