namespace Mesh.Authorization;

/// <summary>A compiled rule; an absent part is an empty array and always holds.</summary>
internal sealed class CompiledRule(SourceMatcher[] from, OperationMatcher[] to)
{
    public bool Matches(in AuthorizationRequest request) => MatchesSource(in request) && MatchesOperation(in request);

    private bool MatchesSource(in AuthorizationRequest request)
    {
        foreach (var source in from)
        {
            if (source.Matches(in request))
            {
                return true;
            }
        }

        return from.Length == 0;
    }

    private bool MatchesOperation(in AuthorizationRequest request)
    {
        foreach (var operation in to)
        {
            if (operation.Matches(in request))
            {
                return true;
            }
        }

        return to.Length == 0;
    }
}
