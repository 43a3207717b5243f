namespace Mesh.Client.Tokens;

/// <summary>The names of the built-in sources of access tokens.</summary>
public static class AccessTokenSources
{
    /// <summary>A token of this process's own, from a token endpoint (RFC 6749, 4.4).</summary>
    public const string ClientCredentials = nameof(ClientCredentials);

    /// <summary>The token of the request being served, exchanged at a token endpoint for one that is meant for the service (RFC 8693).</summary>
    public const string TokenExchange = nameof(TokenExchange);

    /// <summary>The token of the request being served, as it came. The service can do with it whatever the caller can.</summary>
    public const string PassThrough = nameof(PassThrough);
}
