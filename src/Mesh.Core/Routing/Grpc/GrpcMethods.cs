using System.Collections.Frozen;

namespace Mesh.Routing.Grpc;

/// <summary>The matches of one service by method: exact names first, then expressions, then those for every method.</summary>
internal sealed class GrpcMethods
{
    private readonly FrozenDictionary<string, RouteMatch[]>.AlternateLookup<ReadOnlySpan<char>> _exact;
    private readonly PathPattern[] _patterns;
    private readonly RouteMatch[] _any;

    public GrpcMethods(IReadOnlyCollection<CompiledGrpcMatch> matches)
    {
        _exact = matches.Where(static match => match.Method is not null && match.MethodPattern is null)
            .GroupBy(static match => match.Method!, StringComparer.Ordinal)
            .ToFrozenDictionary(static group => group.Key, static group => group.Select(static match => match.Match).Order().ToArray(), StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();
        _patterns = [.. matches.Where(static match => match.MethodPattern is not null)
            .Select(static match => new PathPattern(match.MethodPattern!, match.Method!.Length, match.Match)).Order()];
        _any = [.. matches.Where(static match => match.Method is null).Select(static match => match.Match).Order()];
    }

    public RouteRule? Find<TRequest>(ReadOnlySpan<char> method, in TRequest request)
        where TRequest : struct, IRouteRequest
    {
        if (_exact.TryGetValue(method, out var matches) && PathTable.FirstThatHolds(matches, request) is { } exact)
        {
            return exact;
        }

        foreach (var pattern in _patterns)
        {
            if (pattern.Match.Holds(request) && pattern.Pattern.IsMatch(method))
            {
                return pattern.Match.Rule;
            }
        }

        return PathTable.FirstThatHolds(_any, request);
    }
}
