using System.Collections.Immutable;
using Mesh.Routing.Grpc;
using Mesh.Routing.Listeners;

namespace Mesh.Routing;

/// <summary>A validated route before it is put into a table: tables under other host names share its rules.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Hostnames">The host names it was configured with; empty for every host.</param>
/// <param name="Rules">Its rules.</param>
/// <param name="Matches">The matches of its rules.</param>
/// <param name="GrpcMatches">The same of a route for gRPC; one of the two is empty.</param>
internal sealed record CompiledRoute(
    string Name,
    IReadOnlyList<string> Hostnames,
    ImmutableArray<RouteRule> Rules,
    ImmutableArray<CompiledMatch> Matches,
    ImmutableArray<CompiledGrpcMatch> GrpcMatches)
{
    /// <summary>The path of its fields, for messages.</summary>
    public string Path { get; init; } = "";

    /// <summary>The listeners it hangs on; empty for all.</summary>
    public IReadOnlyList<ParentRefOptions> ParentRefs { get; init; } = [];
}
