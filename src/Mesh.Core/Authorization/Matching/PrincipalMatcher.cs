using Mesh.Identity;

namespace Mesh.Authorization;

/// <summary>What must hold of the peer's principal, under any name of its trust domain.</summary>
internal sealed class PrincipalMatcher(string name, TrustDomainAliases aliases, TextPattern[]? any, TextPattern[]? none)
    : TwoFormMatcher<TextPattern>(name, any, none)
{
    protected override bool MatchesAny(TextPattern[] values, bool isNot, in AuthorizationRequest request) =>
        request.Peer is { } peer
        && (aliases.PrincipalsOf(peer) is { IsEmpty: false } names ? TextPattern.AnyMatches(values, names) : TextPattern.AnyMatches(values, peer.Principal));
}
