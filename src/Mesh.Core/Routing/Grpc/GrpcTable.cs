using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Mesh.Routing.Grpc;

/// <summary>
/// The gRPC matches of one host name. The path of a call is <c>/service/method</c>; the order is that of GRPCRoute: characters
/// of the service, then of the method. The place of expressions is left open there: here they come behind exact names, the longer ones first.
/// </summary>
internal sealed class GrpcTable : IPathTable
{
    private readonly FrozenDictionary<string, GrpcMethods>.AlternateLookup<ReadOnlySpan<char>> _exact;
    private readonly (Regex Service, GrpcMethods Methods)[] _patterns;
    private readonly GrpcMethods _any;

    public GrpcTable(FrozenDictionary<string, GrpcMethods> exact, (Regex Service, GrpcMethods Methods)[] patterns, GrpcMethods any)
    {
        _exact = exact.GetAlternateLookup<ReadOnlySpan<char>>();
        _patterns = patterns;
        _any = any;
    }

    public bool TryFind<TRequest>(in TRequest request, out RouteSelection selection)
        where TRequest : struct, IRouteRequest
    {
        selection = new RouteSelection(TrySplit(request.Path, out var service, out var method) ? Find(service, method, request) : null, 0);
        return selection.Rule is not null;
    }

    private RouteRule? Find<TRequest>(ReadOnlySpan<char> service, ReadOnlySpan<char> method, in TRequest request)
        where TRequest : struct, IRouteRequest
    {
        if (_exact.TryGetValue(service, out var methods) && methods.Find(method, request) is { } exact)
        {
            return exact;
        }

        foreach (var pattern in _patterns)
        {
            if (pattern.Service.IsMatch(service) && pattern.Methods.Find(method, request) is { } rule)
            {
                return rule;
            }
        }

        return _any.Find(method, request);
    }

    private static bool TrySplit(ReadOnlySpan<char> path, out ReadOnlySpan<char> service, out ReadOnlySpan<char> method)
    {
        service = method = default;
        var slash = path.IsEmpty || path[0] != '/' ? -1 : path[1..].IndexOf('/') + 1;
        if (slash <= 1 || slash == path.Length - 1 || path[(slash + 1)..].Contains('/'))
        {
            return false;
        }

        service = path[1..slash];
        method = path[(slash + 1)..];
        return true;
    }
}
