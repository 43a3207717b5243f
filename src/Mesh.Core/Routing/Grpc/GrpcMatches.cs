using System.Collections.Frozen;

namespace Mesh.Routing.Grpc;

/// <summary>The gRPC matches of one host name while they are collected.</summary>
internal sealed class GrpcMatches
{
    private readonly List<CompiledGrpcMatch> _matches = [];

    public void Add(in CompiledGrpcMatch match) => _matches.Add(match);

    public GrpcTable Build() => new(
        _matches.Where(static match => match.Service is not null && match.ServicePattern is null)
            .GroupBy(static match => match.Service!, StringComparer.Ordinal)
            .ToFrozenDictionary(static group => group.Key, static group => new GrpcMethods([.. group]), StringComparer.Ordinal),
        [.. _matches.Where(static match => match.ServicePattern is not null)
            .GroupBy(static match => match.Service!, StringComparer.Ordinal)
            .OrderByDescending(static group => group.Key.Length)
            .ThenBy(static group => group.Key, StringComparer.Ordinal)
            .Select(static group => (group.First().ServicePattern!, new GrpcMethods([.. group])))],
        new GrpcMethods([.. _matches.Where(static match => match.Service is null)]));
}
