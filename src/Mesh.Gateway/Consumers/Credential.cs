namespace Mesh.Gateway.Consumers;

/// <summary>One thing by which a consumer is found.</summary>
internal readonly record struct Credential(CredentialKind Kind, string Value, string Issuer = "")
{
    public override string ToString() => Kind switch
    {
        CredentialKind.ApiKey => $"API key consumer '{Value}'",
        CredentialKind.Subject => $"subject '{Value}' of '{Issuer}'",
        CredentialKind.Client => $"client '{Value}' of '{Issuer}'",
        CredentialKind.SpiffeId => $"SPIFFE ID '{Value}'",
        _ => $"certificate '{Value}'",
    };
}
