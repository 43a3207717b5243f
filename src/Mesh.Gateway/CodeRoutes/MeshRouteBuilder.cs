using Mesh.Authorization;
using Mesh.Routing;
using Mesh.Routing.Auth;

namespace Mesh.Gateway.CodeRoutes;

/// <summary>
/// A route in code: one rule, with the meaning of one in <c>Mesh:Gateway:Routes</c>. It takes part in the same precedence, is
/// validated with the configuration at the start, and stays in force whatever is reloaded.
/// </summary>
/// <example>
/// <code>
/// app.MapMeshRoute("/orders/{**rest}").To("orders").Methods("GET", "POST").RequireCredentials(CallerCredentials.Token);
/// </code>
/// </example>
public sealed class MeshRouteBuilder
{
    private readonly RouteMatchOptions _match;
    private readonly RouteRuleOptions _rule;
    private readonly RouteOptions _options;

    internal MeshRouteBuilder(string template)
    {
        Name = template;
        _match = new RouteMatchOptions { Path = RouteTemplate.Parse(template) };
        _rule = new RouteRuleOptions { Matches = [_match] };
        _options = new RouteOptions { Rules = [_rule], Source = $"MapMeshRoute(\"{template}\")" };
    }

    internal string Name { get; private set; }

    internal string Source => _options.Source!;

    /// <summary>Sends its requests to a service; called again, to several in proportion to their weights.</summary>
    /// <param name="service">The name of the service, <c>orders</c> or <c>orders.warehouse</c> in another namespace.</param>
    /// <param name="weight">Its share, 0 to 1,000,000. Default 1.</param>
    public MeshRouteBuilder To(string service, int weight = 1)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(service);
        var dot = service.IndexOf('.', StringComparison.Ordinal);
        _rule.BackendRefs.Add(new BackendRefOptions
        {
            Name = dot < 0 ? service : service[..dot],
            Namespace = dot < 0 ? null : service[(dot + 1)..],
            Weight = weight,
        });
        return this;
    }

    /// <summary>The name in logs, metrics, plans and the state. Default: the path it was mapped with.</summary>
    public MeshRouteBuilder WithName(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
        return this;
    }

    /// <summary>Takes requests for these hosts only, exact or all below a domain (<c>*.shop.example</c>). Default: all.</summary>
    public MeshRouteBuilder Hosts(params string[] hosts)
    {
        _options.Hostnames.AddRange(hosts);
        return this;
    }

    /// <summary>Takes requests with these methods only. Default: all.</summary>
    public MeshRouteBuilder Methods(params string[] methods)
    {
        ArgumentNullException.ThrowIfNull(methods);
        _rule.Matches = [.. methods.Select(method => new RouteMatchOptions { Path = _match.Path, Headers = _match.Headers, QueryParams = _match.QueryParams, Method = method })];
        return this;
    }

    /// <summary>Takes requests whose header field has exactly this value.</summary>
    public MeshRouteBuilder Header(string name, string value)
    {
        _match.Headers.Add(new HeaderMatchOptions { Name = name, Value = value });
        return this;
    }

    /// <summary>Replaces the literal beginning of the path, that before <c>{**rest}</c>; by "/" it is taken away.</summary>
    public MeshRouteBuilder RewritePrefix(string prefix) => Filter(new RouteFilterOptions
    {
        Type = RouteFilterType.URLRewrite,
        URLRewrite = new UrlRewriteOptions { Path = new PathRewriteOptions { Type = PathRewriteType.ReplacePrefixMatch, ReplacePrefixMatch = prefix } },
    });

    /// <summary>Asks callers to show one of these. Default, without any: whatever the server accepts.</summary>
    public MeshRouteBuilder RequireCredentials(params CallerCredentials[] accepted) =>
        Filter(new RouteFilterOptions { Type = RouteFilterType.Auth, Auth = new RouteAuthOptions { Accept = [.. accepted] } });

    /// <summary>Lets everybody in, where <c>Mesh:Gateway:Auth</c> asks all others for credentials.</summary>
    public MeshRouteBuilder AllowAnonymous() =>
        Filter(new RouteFilterOptions { Type = RouteFilterType.Auth, Auth = new RouteAuthOptions { Anonymous = true } });

    /// <summary>How long a request may take with all its repetitions; zero for as long as it likes. Default: what the service says.</summary>
    public MeshRouteBuilder Timeout(TimeSpan timeout)
    {
        _rule.Timeouts.Request = timeout;
        return this;
    }

    /// <summary>Adds a filter of any kind.</summary>
    public MeshRouteBuilder Filter(RouteFilterOptions filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        _rule.Filters.Add(filter);
        return this;
    }

    /// <summary>Sets whatever else a rule has.</summary>
    public MeshRouteBuilder Configure(Action<RouteRuleOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        configure(_rule);
        return this;
    }

    internal RouteOptions Build()
    {
        // The Gateway API replaces a prefix in rules with one match only: one rule for each.
        if (_rule.Matches.Count > 1 && _rule.Filters.Exists(static filter => filter.URLRewrite?.Path?.Type == PathRewriteType.ReplacePrefixMatch))
        {
            _options.Rules = _rule.Matches.ConvertAll(match => new RouteRuleOptions
            {
                Matches = [match],
                Filters = _rule.Filters,
                BackendRefs = _rule.BackendRefs,
                Timeouts = _rule.Timeouts,
                Retry = _rule.Retry,
                Hedging = _rule.Hedging,
                SessionPersistence = _rule.SessionPersistence,
            });
        }

        return _options;
    }
}
