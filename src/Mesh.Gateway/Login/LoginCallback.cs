using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Mesh.Gateway.Login;

/// <summary>What comes of one answer of the provider: a feature of the request that brings it.</summary>
internal sealed class LoginCallback
{
    /// <summary>What the token endpoint gave.</summary>
    public OpenIdConnectMessage? Tokens { get; set; }

    /// <summary>The claims of the ID token and of the endpoint for them; <see langword="null"/> when that was not asked.</summary>
    public string? Claims { get; set; }

    /// <summary>The session that begins; <see langword="null"/> when none does.</summary>
    public LoginTicket? Ticket { get; set; }

    /// <summary>Where the user wanted to go.</summary>
    public string? ReturnUrl { get; set; }

    /// <summary>Whether the provider, or the user there, has said no.</summary>
    public bool IsRefused { get; set; }

    public Exception? Failure { get; set; }
}
