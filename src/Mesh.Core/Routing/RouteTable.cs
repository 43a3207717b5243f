using System.Collections.Frozen;
using System.Collections.Immutable;
using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>
/// Compiled routes: finds the rule that takes a request, with the precedence of the Gateway API (HTTPRoute). Immutable.
/// </summary>
/// <remarks>
/// The cost of a match depends on the number of labels of the host and of segments of the path, not on the number of
/// routes: host names and paths are looked up in hash tables from the most to the least specific. Only the regular
/// expressions of a host are tried one after the other. Nothing is allocated.
/// </remarks>
public sealed class RouteTable
{
    private readonly FrozenDictionary<string, PathTable>.AlternateLookup<ReadOnlySpan<char>> _exactHosts;
    private readonly FrozenDictionary<string, PathTable>.AlternateLookup<ReadOnlySpan<char>> _wildcardHosts;
    private readonly PathTable? _anyHost;
    private readonly int _longestSuffix;

    internal RouteTable(
        FrozenDictionary<string, PathTable> exactHosts,
        FrozenDictionary<string, PathTable> wildcardHosts,
        PathTable? anyHost,
        ImmutableArray<RouteRule> rules)
    {
        _exactHosts = exactHosts.GetAlternateLookup<ReadOnlySpan<char>>();
        _wildcardHosts = wildcardHosts.GetAlternateLookup<ReadOnlySpan<char>>();
        _anyHost = anyHost;
        _longestSuffix = wildcardHosts.Count == 0 ? 0 : wildcardHosts.Keys.Max(static suffix => suffix.Length);
        Rules = rules;
    }

    /// <summary>A table that takes nothing.</summary>
    public static RouteTable Empty { get; } = new RouteTableBuilder().Build();

    /// <summary>Every rule, by the name of its route and then its position.</summary>
    public ImmutableArray<RouteRule> Rules { get; }

    /// <summary>Compiles routes by name. What is wrong goes to <paramref name="errors"/>; then the result is not to be used.</summary>
    /// <param name="routes">The routes.</param>
    /// <param name="configurationPath">Where they stand in the configuration, such as <c>Mesh:Gateway:Routes</c>.</param>
    /// <param name="errors">Takes every error with the path of its field.</param>
    public static RouteTable Compile(
        IEnumerable<KeyValuePair<string, RouteOptions>> routes,
        string configurationPath,
        ConfigurationErrors errors)
    {
        ArgumentNullException.ThrowIfNull(routes);
        ArgumentNullException.ThrowIfNull(configurationPath);
        ArgumentNullException.ThrowIfNull(errors);
        var builder = new RouteTableBuilder();
        foreach (var (name, route) in routes.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            builder.AddRoute(name, route, $"{configurationPath}:{name}", errors);
        }

        return builder.Build();
    }

    /// <summary>Compiles the rules of one service, for every host. What is wrong goes to <paramref name="errors"/>.</summary>
    /// <param name="rules">The rules, in order; may be empty.</param>
    /// <param name="routeName">What they are called in metrics and messages, such as the name of the service.</param>
    /// <param name="configurationPath">Where the list stands in the configuration, such as <c>Mesh:Client:Services:orders:Rules</c>.</param>
    /// <param name="errors">Takes every error with the path of its field.</param>
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
        builder.AddRules(routeName, [], rules, configurationPath, errors);
        return builder.Build();
    }

    /// <summary>Finds the rule that takes <paramref name="request"/>.</summary>
    /// <returns>A selection without a rule when none takes it.</returns>
    /// <remarks>
    /// A more specific host name goes first; when none of its rules takes the request, the next less specific one is
    /// asked. Within a host: exact path, longest regular expression, longest prefix, method, most headers, most query parameters, the name of the
    /// route, the order of its rules.
    /// </remarks>
    public RouteSelection Match<TRequest>(in TRequest request)
        where TRequest : struct, IRouteRequest
    {
        var host = WithoutPort(request.Host);
        if (_exactHosts.TryGetValue(host, out var paths) && paths.TryFind(request, out var selection))
        {
            return selection;
        }

        // Suffixes longer than any in the table need no look-up: a host name of thousands of labels costs nothing.
        var start = Math.Max(1, host.Length - _longestSuffix);
        while (start < host.Length)
        {
            var dot = host[start..].IndexOf('.');
            if (dot < 0)
            {
                break;
            }

            start += dot;
            if (_wildcardHosts.TryGetValue(host[start..], out paths) && paths.TryFind(request, out selection))
            {
                return selection;
            }

            start++;
        }

        return _anyHost is not null && _anyHost.TryFind(request, out selection) ? selection : default;
    }

    private static ReadOnlySpan<char> WithoutPort(ReadOnlySpan<char> host)
    {
        // The colons of an IPv6 address stand between brackets.
        var colon = host.LastIndexOf(':');
        return colon >= 0 && !host[colon..].Contains(']') ? host[..colon] : host;
    }
}
