namespace Mesh.Client.Tokens;

/// <summary>
/// Obtains access tokens in a way of the application's own. Register it as a singleton and name it in <c>AccessToken:Source</c>
/// of the services it is for. The mesh keeps the tokens, refreshes them early and asks once however many calls wait.
/// </summary>
/// <example>
/// <code>
/// builder.Services.AddSingleton&lt;IAccessTokenSource&gt;(new AzureTokens(new DefaultAzureCredential()));
///
/// sealed class AzureTokens(TokenCredential credential) : IAccessTokenSource
/// {
///     public string Name => "Azure";
///
///     public async ValueTask&lt;AccessToken&gt; GetAsync(AccessTokenRequest request, CancellationToken cancellationToken)
///     {
///         var token = await credential.GetTokenAsync(new TokenRequestContext([.. request.Scopes]), cancellationToken);
///         return new AccessToken(token.Token, token.ExpiresOn);
///     }
/// }
/// </code>
/// </example>
public interface IAccessTokenSource
{
    /// <summary>How the configuration names it, in any case.</summary>
    string Name { get; }

    /// <summary>
    /// Whether the token depends on <see cref="AccessTokenRequest.Caller"/>. Then it is kept for that caller alone, and calls
    /// outside a request with a validated token do what <c>WithoutCaller</c> says.
    /// </summary>
    /// <value>Default <see langword="false"/>: one token for all calls to the service.</value>
    bool UsesCallerToken => false;

    /// <summary>Obtains a token.</summary>
    /// <param name="request">What it is for.</param>
    /// <param name="cancellationToken">Fires when <c>AccessToken:Timeout</c> is over.</param>
    /// <exception cref="Exception">Whatever it throws becomes the inner exception of the call's <see cref="Calls.MeshRejectedException"/>.</exception>
    ValueTask<AccessToken> GetAsync(AccessTokenRequest request, CancellationToken cancellationToken);
}
