namespace Mesh.Authorization;

/// <summary>What must hold of a claim of the validated token: any of its texts may match.</summary>
internal sealed class ClaimMatcher(string name, string[] path, TextPattern[]? any, TextPattern[]? none) : TwoFormMatcher<TextPattern>(name, any, none)
{
    protected override bool MatchesAny(TextPattern[] values, bool isNot, in AuthorizationRequest request)
    {
        if (request.Attributes?.Claims is not { } claims)
        {
            return false;
        }

        foreach (var text in claims.Find(path))
        {
            if (TextPattern.AnyMatches(values, text))
            {
                return true;
            }
        }

        return false;
    }
}
