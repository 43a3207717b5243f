using CsCheck;
using Mesh.Routing;

namespace Mesh.Core.Tests.Routing;

public sealed class RouteTablePropertyTests
{
    // Small alphabets, so that matches and ties are frequent.
    private static readonly Gen<string> Hostname = Gen.OneOf("b", "c.b", "C.b", "d.c.b", "*.b", "*.c.b", "*.d.c.b");
    private static readonly Gen<string> Host = Gen.OneOf("b", "c.b", "d.c.b", "e.d.c.b", "D.C.B", "x.b", "c.b:80", "x", "xb", ".b");
    private static readonly Gen<string> Segment = Gen.OneOf("a", "A", "aa", "b");
    private static readonly Gen<string> Method = Gen.OneOf("GET", "POST");
    private static readonly Gen<string> Value = Gen.OneOf("1", "2", "a b");
    private static readonly Gen<string> SentText = Gen.OneOf("1", "2", "a+b", "a%20b", "%31", "");

    private static readonly Gen<string> Path = Gen.Select(Segment.Array[0, 3], Gen.Bool, static (segments, slash) =>
        segments.Length == 0 ? "/" : $"/{string.Join('/', segments)}{(slash ? "/" : "")}");

    // Alternatives, optional parts and the same length twice.
    private static readonly Gen<string> PathPattern = Gen.OneOf("/.*", "/a.*", "/a|/b", "/(a|b)/?", "/[aA]+", "(/aa?)*", "/a/[^/]+", "/b(/.*)?");
    private static readonly Gen<string> ValuePattern = Gen.OneOf("[12]", ".*", "a.b", "1|a b", "()");

    private static readonly Gen<(ValueMatchType Type, string Value)> Condition = Gen.Select(
        Gen.OneOf(ValueMatchType.Exact, ValueMatchType.Exact, ValueMatchType.RegularExpression, ValueMatchType.Present, ValueMatchType.Absent),
        Value,
        ValuePattern,
        static (type, value, pattern) => (type, type switch
        {
            ValueMatchType.Exact => value,
            ValueMatchType.RegularExpression => pattern,
            _ => "",
        }));

    private static readonly Gen<PathMatchOptions> PathMatch = Gen.Select(
        Gen.OneOf(PathMatchType.Exact, PathMatchType.PathPrefix, PathMatchType.PathPrefix, PathMatchType.RegularExpression),
        Path,
        PathPattern,
        static (type, value, pattern) => new PathMatchOptions { Type = type, Value = type == PathMatchType.RegularExpression ? pattern : value });

    private static readonly Gen<RouteMatchOptions> Match = Gen.Select(
        PathMatch,
        Gen.Int[0, 2],
        Method,
        Gen.Select(Gen.OneOf("x", "X", "y"), Condition, static (name, condition) => new HeaderMatchOptions { Name = name, Type = condition.Type, Value = condition.Value }).List[0, 2],
        Gen.Select(Gen.OneOf("p", "q", "P"), Condition, static (name, condition) => new QueryParamMatchOptions { Name = name, Type = condition.Type, Value = condition.Value }).List[0, 2],
        static (path, which, method, headers, query) => new RouteMatchOptions
        {
            Path = which == 1 ? null : path,
            Method = which == 2 ? method : null,
            Headers = headers,
            QueryParams = query,
        });

    private static readonly Gen<RouteOptions> Route = Gen.Select(
        Hostname.List[0, 3],
        Match.List[0, 3].List[1, 4],
        static (hostnames, rules) => new RouteOptions { Hostnames = hostnames, Rules = [.. rules.Select(static matches => new RouteRuleOptions { Matches = matches })] });

    private static readonly Gen<NaiveRequest> Request = Gen.Select(
        Host,
        Path,
        Gen.Select(Gen.OneOf("p", "q", "P", "%70", "r"), SentText, static (name, value) => value.Length == 0 ? name : $"{name}={value}").Array[0, 3],
        Method,
        Gen.Select(Gen.OneOf("X", "y"), Value).Array[0, 2],
        static (host, path, query, method, headers) =>
            new NaiveRequest(host, path, string.Join('&', query), method, [.. headers.DistinctBy(static header => header.Item1)]));

    [Test]
    public void Match_RandomTablesAndRequests_EqualsTheNormativeText() =>
        Gen.Select(Route.Array[0, 5], Request.Array[50]).Sample(
            static (options, requests) =>
            {
                var routes = options.Select(static (route, i) => (Name: $"route-{(i * 7) % 5}", route)).ToArray();
                foreach (var (name, route) in routes)
                {
                    for (var i = 0; i < route.Rules.Count; i++)
                    {
                        route.Rules[i].Name = $"{name}/{i}";
                    }
                }

                var table = Routes.Compile(routes);
                foreach (var request in requests)
                {
                    var expected = NaiveRouter.Match(routes, request);
                    var actual = table.Match(request.ToTestRequest()).Rule?.Name;
                    if (expected != actual)
                    {
                        throw new InvalidOperationException($"{request}: expected {expected ?? "none"}, found {actual ?? "none"}");
                    }
                }
            },
            iter: 2_000);
}
