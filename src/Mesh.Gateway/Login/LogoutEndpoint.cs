using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Mesh.Gateway.Login;

/// <summary>Ends the session here, and sends the browser to end it at the provider too (OpenID Connect RP-Initiated Logout 1.0).</summary>
internal sealed class LogoutEndpoint(LoginSessions sessions, LoginProviders providers)
{
    public async Task AnswerAsync(HttpContext http, LoginPolicy policy)
    {
        if (!OriginGuard.IsOwn(http.Request, policy))
        {
            await LoginProblems.CrossSite.WriteAsync(http).ConfigureAwait(false);
            return;
        }

        var ticket = sessions.Read(http, policy);
        sessions.End(http, policy);
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = ticket is null ? policy.AfterLogout : await AddressAsync(http, policy, ticket).ConfigureAwait(false);
        http.Response.ContentLength = 0;
    }

    // A provider that cannot be reached keeps nobody from logging out here.
    private async Task<string> AddressAsync(HttpContext http, LoginPolicy policy, LoginTicket ticket)
    {
        var metadata = await providers.For(policy).TryGetMetadataAsync(http.RequestAborted).ConfigureAwait(false);
        if (metadata is null || string.IsNullOrEmpty(metadata.EndSessionEndpoint))
        {
            return policy.AfterLogout;
        }

        var request = http.Request;
        var origin = policy.PublicOrigin ?? $"{request.Scheme}://{request.Host}";
        return new OpenIdConnectMessage
        {
            IssuerAddress = metadata.EndSessionEndpoint,
            ClientId = policy.ClientId,
            IdTokenHint = ticket.IdToken,
            PostLogoutRedirectUri = $"{origin}{request.PathBase}{policy.AfterLogout}",
            EnableTelemetryParameters = false,
        }.CreateLogoutRequestUrl();
    }
}
