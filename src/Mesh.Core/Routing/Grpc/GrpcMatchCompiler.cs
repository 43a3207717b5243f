using System.Text.RegularExpressions;
using Mesh.Configuration;

namespace Mesh.Routing.Grpc;

/// <summary>Validates the matches of a gRPC rule and compiles them.</summary>
internal static class GrpcMatchCompiler
{
    private static readonly GrpcRouteMatchOptions EveryCall = new();

    public static IEnumerable<CompiledGrpcMatch> Compile(List<GrpcRouteMatchOptions> matches, RouteRule rule, int position, string rulePath, ConfigurationErrors errors)
    {
        if (matches.Count == 0)
        {
            yield return Compile(EveryCall, rule, position, rulePath, errors);
        }

        for (var i = 0; i < matches.Count; i++)
        {
            yield return Compile(matches[i], rule, position, $"{rulePath}:Matches:{i}", errors);
        }
    }

    private static CompiledGrpcMatch Compile(GrpcRouteMatchOptions match, RouteRule rule, int position, string path, ConfigurationErrors errors)
    {
        var method = match.Method;
        var methodPath = $"{path}:{nameof(match.Method)}";
        if (method is { Service: null, Method: null })
        {
            errors.Add(methodPath, "it names neither a Service nor a Method: leave it out to take every call.");
        }

        if (method?.Type is ValueMatchType.Present or ValueMatchType.Absent)
        {
            errors.Add($"{methodPath}:{nameof(method.Type)}", method.Type, "Exact or RegularExpression");
        }

        var isPattern = method?.Type == ValueMatchType.RegularExpression;
        return new CompiledGrpcMatch(
            new RouteMatch(rule, position, null, MatchCompiler.CompileHeaders(match.Headers, $"{path}:{nameof(match.Headers)}", errors), []),
            method?.Service,
            CompileName(method?.Service, isPattern, $"{methodPath}:{nameof(method.Service)}", errors),
            method?.Method,
            CompileName(method?.Method, isPattern, $"{methodPath}:{nameof(method.Method)}", errors));
    }

    private static Regex? CompileName(string? name, bool isPattern, string path, ConfigurationErrors errors)
    {
        if (name is null)
        {
            return null;
        }

        if (isPattern)
        {
            return WholeMatch.Compile(name, path, errors);
        }

        if (!IsName(name))
        {
            errors.Add(path, name, "a name of letters, digits, '_' and, in services, '.'");
        }

        return null;
    }

    private static bool IsName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.');
}
