namespace Mesh.Authorization;

/// <summary>One compiled entry of <c>From</c>.</summary>
internal sealed class SourceMatcher
{
    public required FieldMatcher Principals { get; init; }

    public required FieldMatcher RequestPrincipals { get; init; }

    public required FieldMatcher Namespaces { get; init; }

    public required FieldMatcher TrustDomains { get; init; }

    public bool Matches(in AuthorizationRequest request) =>
        Principals.Holds(request.Peer?.Principal)
        && RequestPrincipals.Holds(request.RequestPrincipal)
        && Namespaces.Holds(request.Peer?.Namespace)
        && TrustDomains.Holds(request.Peer?.TrustDomain);
}
