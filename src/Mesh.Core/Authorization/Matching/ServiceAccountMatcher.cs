namespace Mesh.Authorization;

/// <summary>What must hold of the peer's service account, <c>namespace/account</c>.</summary>
internal sealed class ServiceAccountMatcher(string name, (string Namespace, string Account)[]? any, (string Namespace, string Account)[]? none)
    : TwoFormMatcher<(string Namespace, string Account)>(name, any, none)
{
    protected override bool MatchesAny((string Namespace, string Account)[] values, bool isNot, in AuthorizationRequest request)
    {
        if (request.Peer is not { ServiceAccount: { } account, Namespace: { } ns })
        {
            return false;
        }

        foreach (var value in values)
        {
            if (string.Equals(value.Account, account, StringComparison.Ordinal) && string.Equals(value.Namespace, ns, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
