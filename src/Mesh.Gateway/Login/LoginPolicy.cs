using System.Collections.Immutable;

namespace Mesh.Gateway.Login;

/// <summary>A compiled <see cref="LoginOptions"/>. Immutable.</summary>
internal sealed record LoginPolicy
{
    public required string Authority { get; init; }

    public required string ClientId { get; init; }

    public required string? ClientSecret { get; init; }

    public required ImmutableArray<string> Scopes { get; init; }

    public required string LoginPath { get; init; }

    public required string CallbackPath { get; init; }

    public required string LogoutPath { get; init; }

    public required string AfterLogout { get; init; }

    public required string? PublicOrigin { get; init; }

    public required string CookieName { get; init; }

    public required TimeSpan SessionLifetime { get; init; }

    public required TimeSpan IdleTimeout { get; init; }

    public required bool UserInfo { get; init; }

    public required bool SaveTokens { get; init; }

    public required ImmutableArray<string> TrustedOrigins { get; init; }

    public required string? KeysDirectory { get; init; }

    /// <summary>The same text for policies that say the same of the provider and of keys.</summary>
    public string Fingerprint => string.Join(
        '\0',
        [Authority, ClientId, ClientSecret, CallbackPath, PublicOrigin, CookieName, $"{UserInfo}", $"{SaveTokens}", KeysDirectory, .. Scopes]);
}
