using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Mesh.Gateway.Login;

/// <summary>Takes from ASP.NET's handler what it has checked, and answers in its place.</summary>
internal sealed class LoginEvents(LoginPolicy policy, TimeProvider time) : OpenIdConnectEvents
{
    private const int IdBytes = 16;

    public override Task RedirectToIdentityProvider(RedirectContext context)
    {
        if (policy.PublicOrigin is { } origin)
        {
            context.ProtocolMessage.RedirectUri = $"{origin}{context.Request.PathBase}{policy.CallbackPath}";
        }

        return Task.CompletedTask;
    }

    // RFC 9207: an answer that names its issuer must name the one that was asked.
    public override Task MessageReceived(MessageReceivedContext context)
    {
        if (context.ProtocolMessage.Iss is { Length: > 0 } issuer && issuer.TrimEnd('/') != policy.Authority.TrimEnd('/'))
        {
            context.Fail("The answer is that of another issuer.");
        }

        return Task.CompletedTask;
    }

    public override Task TokenValidated(TokenValidatedContext context)
    {
        CallbackOf(context.HttpContext).Tokens = context.TokenEndpointResponse;
        return Task.CompletedTask;
    }

    public override Task UserInformationReceived(UserInformationReceivedContext context)
    {
        var callback = CallbackOf(context.HttpContext);
        callback.Claims = IdTokenClaims.Merge(IdTokenClaims.PayloadOf(callback.Tokens!.IdToken), context.User.RootElement);
        return Task.CompletedTask;
    }

    // Everything has been checked now, the nonce too.
    public override Task TicketReceived(TicketReceivedContext context)
    {
        var callback = CallbackOf(context.HttpContext);
        callback.Ticket = TicketOf(callback);
        callback.ReturnUrl = context.ReturnUri;
        context.HandleResponse();
        return Task.CompletedTask;
    }

    public override Task AccessDenied(AccessDeniedContext context)
    {
        CallbackOf(context.HttpContext).IsRefused = true;
        context.HandleResponse();
        return Task.CompletedTask;
    }

    public override Task RemoteFailure(RemoteFailureContext context)
    {
        CallbackOf(context.HttpContext).Failure = context.Failure;
        context.HandleResponse();
        return Task.CompletedTask;
    }

    private static LoginCallback CallbackOf(HttpContext http) => http.Features.GetRequiredFeature<LoginCallback>();

    private LoginTicket TicketOf(LoginCallback callback)
    {
        var tokens = callback.Tokens!;
        using var payload = JsonDocument.Parse(IdTokenClaims.PayloadOf(tokens.IdToken));
        var now = time.GetUtcNow();
        return new LoginTicket
        {
            Id = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(IdBytes)),
            Started = now,
            Renewed = now,
            Issuer = payload.RootElement.GetProperty("iss").GetString()!,
            Subject = payload.RootElement.GetProperty("sub").GetString()!,
            IdToken = tokens.IdToken,
            Claims = callback.Claims ?? "",
            AccessToken = policy.SaveTokens ? tokens.AccessToken ?? "" : "",
            RefreshToken = policy.SaveTokens ? tokens.RefreshToken ?? "" : "",
            AccessTokenExpires = ExpiryOf(tokens.ExpiresIn, now),
        };
    }

    private static DateTimeOffset ExpiryOf(string? seconds, DateTimeOffset now) =>
        int.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? now.AddSeconds(count) : DateTimeOffset.MaxValue;
}
