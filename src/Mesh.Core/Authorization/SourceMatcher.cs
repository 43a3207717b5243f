using Mesh.Identity;

namespace Mesh.Authorization;

/// <summary>One compiled entry of <c>From</c>.</summary>
internal sealed class SourceMatcher
{
    public required FieldMatcher Principals { get; init; }

    public required FieldMatcher RequestPrincipals { get; init; }

    public required FieldMatcher Namespaces { get; init; }

    public required FieldMatcher TrustDomains { get; init; }

    public required TrustDomainAliases Aliases { get; init; }

    public bool Matches(in AuthorizationRequest request) =>
        MatchesPeer(request.Peer)
        && RequestPrincipals.Holds(request.RequestPrincipal)
        && Namespaces.Holds(request.Peer?.Namespace);

    private bool MatchesPeer(SpiffeId? peer)
    {
        if (peer is null || Aliases.NamesOf(peer.TrustDomain) is not { IsEmpty: false } names)
        {
            return Principals.Holds(peer?.Principal) && TrustDomains.Holds(peer?.TrustDomain);
        }

        return Principals.Holds(Aliases.PrincipalsOf(peer)) && TrustDomains.Holds(names);
    }
}
