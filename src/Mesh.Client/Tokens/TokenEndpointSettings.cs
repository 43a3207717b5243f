namespace Mesh.Client.Tokens;

/// <summary>A token endpoint, and what this process shows there. Equal for settings that mean the same.</summary>
internal sealed record TokenEndpointSettings
{
    public required Uri Endpoint { get; init; }

    public required string ClientId { get; init; }

    public required ClientAuthentication Authentication { get; init; }

    public string? ClientSecret { get; init; }

    public string? ClientSecretFile { get; init; }

    public string? PrivateKeyFile { get; init; }

    public string? KeyId { get; init; }

    public string? AssertionFile { get; init; }

    public required string AssertionAudience { get; init; }

    public required string SubjectTokenType { get; init; }

    public string? RequestedTokenType { get; init; }

    /// <summary>Whether the caller's token is exchanged, and not one asked for.</summary>
    public required bool Exchanges { get; init; }

    /// <summary>For messages: where it is, without what may be secret.</summary>
    public string Name => Endpoint.GetLeftPart(UriPartial.Path);

    // A record would show the secret.
    public override string ToString() => Name;
}
