namespace Mesh.Authorization;

/// <summary>What must hold of a header field.</summary>
/// <remarks>
/// Several lines of one field are one value, joined by commas (RFC 9110, 5.3), as Envoy sees them. Where a match refuses the
/// request, each line is looked at for itself too: one more line must not be a way around a policy.
/// </remarks>
internal sealed class HeaderMatcher(string name, string field, bool denies, TextPattern[]? any, TextPattern[]? none)
    : TwoFormMatcher<TextPattern>(name, any, none)
{
    protected override bool MatchesAny(TextPattern[] values, bool isNot, in AuthorizationRequest request)
    {
        if (request.Attributes is not { } attributes)
        {
            return false;
        }

        var lines = attributes.Header(field);
        if (TextPattern.AnyMatches(values, lines.Count == 1 ? lines[0] : lines.ToString()))
        {
            return true;
        }

        if (denies != isNot && lines.Count > 1)
        {
            foreach (var line in lines)
            {
                if (TextPattern.AnyMatches(values, line))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
