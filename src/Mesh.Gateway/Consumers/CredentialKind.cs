namespace Mesh.Gateway.Consumers;

/// <summary>What a <see cref="Credential"/> is.</summary>
internal enum CredentialKind
{
    /// <summary>The consumer that an API key was given to.</summary>
    ApiKey,

    /// <summary>The subject of a token.</summary>
    Subject,

    /// <summary>The client a token was given to.</summary>
    Client,

    /// <summary>The SPIFFE ID in a certificate.</summary>
    SpiffeId,

    /// <summary>The SHA-256 of a certificate.</summary>
    Certificate,
}
