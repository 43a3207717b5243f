namespace Mesh.Client.Tokens;

/// <summary>Tokens from a token endpoint: client credentials (RFC 6749, 4.4), or the caller's token in exchange (RFC 8693). Equal for equal settings.</summary>
internal sealed class TokenEndpointSource(TokenEndpointSettings settings, TokenEndpointClient endpoint) : IAccessTokenSource, IEquatable<TokenEndpointSource>
{
    public TokenEndpointSettings Settings => settings;

    public string Name => settings.Exchanges ? AccessTokenSources.TokenExchange : AccessTokenSources.ClientCredentials;

    public bool UsesCallerToken => settings.Exchanges;

    public async ValueTask<AccessToken> GetAsync(AccessTokenRequest request, CancellationToken cancellationToken) =>
        await endpoint.AskAsync(settings, request, cancellationToken).ConfigureAwait(false);

    public bool Equals(TokenEndpointSource? other) => other is not null && settings == other.Settings;

    public override bool Equals(object? obj) => Equals(obj as TokenEndpointSource);

    public override int GetHashCode() => settings.GetHashCode();
}
