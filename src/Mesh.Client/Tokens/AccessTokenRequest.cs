namespace Mesh.Client.Tokens;

/// <summary>What a token is wanted for.</summary>
public sealed class AccessTokenRequest
{
    private readonly string? _scope;

    internal AccessTokenRequest(string service, AccessTokenPolicy policy, CallerToken? caller)
    {
        _scope = policy.Scope;
        Service = service;
        Audience = policy.Audience;
        Resource = policy.Resource;
        Caller = caller;
    }

    /// <summary>The service that is going to be called.</summary>
    public string Service { get; }

    /// <summary>What the token is to allow, as the configuration of the service says.</summary>
    public IReadOnlyList<string> Scopes => _scope?.Split(' ') ?? [];

    /// <summary>Whom it is for, by name; <see langword="null"/> where the configuration does not say.</summary>
    public string? Audience { get; }

    /// <summary>Whom it is for, by address; <see langword="null"/> where the configuration does not say.</summary>
    public string? Resource { get; }

    /// <summary>The validated token of the request being served, for sources that use it; <see langword="null"/> when the process acts for itself.</summary>
    public CallerToken? Caller { get; }
}
