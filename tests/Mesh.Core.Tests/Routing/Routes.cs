using Mesh.Configuration;
using Mesh.Routing;

namespace Mesh.Core.Tests.Routing;

/// <summary>Short ways to write routes down in a test.</summary>
internal static class Routes
{
    public static RouteTable Compile(params (string Name, RouteOptions Route)[] routes)
    {
        var errors = new ConfigurationErrors();
        var table = RouteTable.Compile(routes.Select(static route => KeyValuePair.Create(route.Name, route.Route)), "Routes", errors);
        errors.ThrowIfAny("Routes");
        return table;
    }

    public static IReadOnlyCollection<string> ErrorsOf(RouteRuleOptions rule, params string[] hostnames)
    {
        var errors = new ConfigurationErrors();
        RouteTable.Compile([KeyValuePair.Create("r", Route(hostnames, rule))], "Mesh:Gateway:Routes", errors);
        return errors.All;
    }

    public static RouteOptions Route(string[] hostnames, params RouteRuleOptions[] rules) => new() { Hostnames = [.. hostnames], Rules = [.. rules] };

    public static RouteRuleOptions Rule(string name, params RouteMatchOptions[] matches) => new() { Name = name, Matches = [.. matches] };

    public static RouteMatchOptions Exact(string path) => new() { Path = new PathMatchOptions { Type = PathMatchType.Exact, Value = path } };

    public static RouteMatchOptions Prefix(string path) => new() { Path = new PathMatchOptions { Type = PathMatchType.PathPrefix, Value = path } };

    public static RouteMatchOptions Pattern(string path) => new() { Path = new PathMatchOptions { Type = PathMatchType.RegularExpression, Value = path } };

    public static RouteMatchOptions WithMethod(this RouteMatchOptions match, string method)
    {
        match.Method = method;
        return match;
    }

    public static RouteMatchOptions WithHeader(this RouteMatchOptions match, string name, string value, ValueMatchType type = ValueMatchType.Exact)
    {
        match.Headers.Add(new HeaderMatchOptions { Name = name, Value = value, Type = type });
        return match;
    }

    public static RouteMatchOptions WithQuery(this RouteMatchOptions match, string name, string value, ValueMatchType type = ValueMatchType.Exact)
    {
        match.QueryParams.Add(new QueryParamMatchOptions { Name = name, Value = value, Type = type });
        return match;
    }
}
