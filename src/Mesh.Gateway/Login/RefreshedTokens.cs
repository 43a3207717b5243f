namespace Mesh.Gateway.Login;

/// <summary>What the provider says to a refresh token.</summary>
/// <param name="AccessToken">The new access token; <see langword="null"/> when there is none.</param>
/// <param name="RefreshToken">The refresh token from now on.</param>
/// <param name="Expires">When the access token is no longer good.</param>
/// <param name="IsOutage">Whether there is none because the provider cannot be reached.</param>
internal sealed record RefreshedTokens(string? AccessToken, string RefreshToken, DateTimeOffset Expires, bool IsOutage)
{
    public static RefreshedTokens Refused { get; } = new(null, "", default, IsOutage: false);

    public static RefreshedTokens Unavailable { get; } = new(null, "", default, IsOutage: true);
}
