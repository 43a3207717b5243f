using System.Collections.Immutable;
using Mesh.Configuration;
using Mesh.Routing.Grpc;
using Mesh.Routing.Listeners;

namespace Mesh.Routing;

/// <summary>
/// Compiled routes, of the client and of the gateway. Finds the rule for a request by the precedence of HTTPRoute:
/// host name (exact before wildcard, longer before shorter), then exact path, regular expression (longer before shorter),
/// longest prefix, method, number of header conditions, number of query conditions, route name, position in the route.
/// Immutable; a look-up allocates nothing and does not grow with the number of routes that have a path or prefix of their own.
/// </summary>
public sealed class RouteTable
{
    private readonly HostTable<PathTable> _http;
    private readonly HostTable<GrpcTable>? _grpc;
    private readonly ImmutableArray<CompiledRoute> _routes;

    internal RouteTable(HostTable<PathTable> http, HostTable<GrpcTable>? grpc, ImmutableArray<CompiledRoute> routes)
    {
        _http = http;
        _grpc = grpc;
        _routes = routes;
        Rules = [.. routes.SelectMany(static route => route.Rules)];
    }

    /// <summary>A table without routes.</summary>
    public static RouteTable Empty { get; } = new RouteTableBuilder().Build();

    /// <summary>All rules, in the order of route names and positions; those for gRPC last.</summary>
    public ImmutableArray<RouteRule> Rules { get; }

    /// <summary>The routes it was made of, in order.</summary>
    internal ImmutableArray<CompiledRoute> Routes => _routes;

    /// <summary>Validates and compiles the routes of a gateway.</summary>
    /// <param name="routes">The routes by name.</param>
    /// <param name="configurationPath">Where they come from, for messages.</param>
    /// <param name="errors">Receives what is wrong with them; the result is usable only when that is nothing.</param>
    public static RouteTable Compile(
        IEnumerable<KeyValuePair<string, RouteOptions>> routes,
        string configurationPath,
        ConfigurationErrors errors) => Compile(routes, configurationPath, [], "", errors);

    /// <summary>Validates and compiles the routes of a gateway, with those for gRPC.</summary>
    /// <param name="routes">The routes by name.</param>
    /// <param name="configurationPath">Where they come from, for messages.</param>
    /// <param name="grpcRoutes">The routes for gRPC by name.</param>
    /// <param name="grpcConfigurationPath">Where those come from.</param>
    /// <param name="errors">Receives what is wrong with them; the result is usable only when that is nothing.</param>
    public static RouteTable Compile(
        IEnumerable<KeyValuePair<string, RouteOptions>> routes,
        string configurationPath,
        IEnumerable<KeyValuePair<string, GrpcRouteOptions>> grpcRoutes,
        string grpcConfigurationPath,
        ConfigurationErrors errors)
    {
        ArgumentNullException.ThrowIfNull(routes);
        ArgumentNullException.ThrowIfNull(configurationPath);
        ArgumentNullException.ThrowIfNull(grpcRoutes);
        ArgumentNullException.ThrowIfNull(grpcConfigurationPath);
        ArgumentNullException.ThrowIfNull(errors);
        var builder = new RouteTableBuilder();
        foreach (var (name, route) in routes.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            builder.Add(RouteCompiler.Compile(name, route, route.Source ?? $"{configurationPath}:{name}", errors));
        }

        foreach (var (name, route) in grpcRoutes.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            builder.Add(RouteCompiler.Compile(name, route, route.Source ?? $"{grpcConfigurationPath}:{name}", errors));
        }

        return builder.Build();
    }

    /// <summary>Validates and compiles the rules for one service, whatever its host name.</summary>
    /// <param name="rules">The rules, in order.</param>
    /// <param name="routeName">What the route they form is called.</param>
    /// <param name="configurationPath">Where they come from, for messages.</param>
    /// <param name="errors">Receives what is wrong with them; the result is usable only when that is nothing.</param>
    public static RouteTable Compile(
        IReadOnlyList<RouteRuleOptions> rules,
        string routeName,
        string configurationPath,
        ConfigurationErrors errors)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(routeName);
        ArgumentNullException.ThrowIfNull(configurationPath);
        ArgumentNullException.ThrowIfNull(errors);
        var builder = new RouteTableBuilder();
        builder.Add(RouteCompiler.CompileForClient(routeName, rules, configurationPath, errors));
        return builder.Build();
    }

    /// <summary>
    /// The part of the table that one listener of a gateway serves: the same rules, of the routes that hang on it, under the host
    /// names they have in common with it.
    /// </summary>
    public RouteTable Under(RouteListener listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        var builder = new RouteTableBuilder();
        foreach (var route in _routes)
        {
            if ((route.ParentRefs.Count == 0 || route.ParentRefs.Any(parent => parent.Names(listener))) && listener.Intersect(route.Hostnames) is { } hostnames)
            {
                builder.Add(route with { Hostnames = hostnames });
            }
        }

        return builder.Build();
    }

    /// <summary>Finds the rule for a request.</summary>
    /// <typeparam name="TRequest">A struct, so that the look-up is compiled for it and nothing is boxed.</typeparam>
    /// <returns>The rule and what is needed to rewrite the path; no rule when none takes the request.</returns>
    public RouteSelection Match<TRequest>(in TRequest request)
        where TRequest : struct, IRouteRequest
    {
        _http.TryFind(request, out var selection);
        return selection;
    }

    /// <summary>Finds the rule for a gRPC call: among the routes for gRPC, and where none of them takes it among all others.</summary>
    /// <inheritdoc cref="Match"/>
    public RouteSelection MatchGrpc<TRequest>(in TRequest request)
        where TRequest : struct, IRouteRequest =>
        _grpc is not null && _grpc.TryFind(request, out var selection) ? selection : Match(request);
}
