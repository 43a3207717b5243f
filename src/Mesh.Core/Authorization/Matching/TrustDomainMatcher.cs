using Mesh.Identity;

namespace Mesh.Authorization;

/// <summary>What must hold of the peer's trust domain, under any of its names.</summary>
internal sealed class TrustDomainMatcher(string name, TrustDomainAliases aliases, TextPattern[]? any, TextPattern[]? none)
    : TwoFormMatcher<TextPattern>(name, any, none)
{
    protected override bool MatchesAny(TextPattern[] values, bool isNot, in AuthorizationRequest request) =>
        request.Peer is { } peer
        && (aliases.NamesOf(peer.TrustDomain) is { IsEmpty: false } names ? TextPattern.AnyMatches(values, names) : TextPattern.AnyMatches(values, peer.TrustDomain));
}
