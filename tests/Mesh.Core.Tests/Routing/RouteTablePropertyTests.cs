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

    private static readonly Gen<RouteMatchOptions> Match = Gen.Select(
        Gen.Select(Gen.OneOf(PathMatchType.Exact, PathMatchType.PathPrefix), Path, static (type, value) => new PathMatchOptions { Type = type, Value = value }),
        Gen.Int[0, 2],
        Method,
        Gen.Select(Gen.OneOf("x", "X", "y"), Value, static (name, value) => new HeaderMatchOptions { Name = name, Value = value }).List[0, 2],
        Gen.Select(Gen.OneOf("p", "q", "P"), Value, static (name, value) => new QueryParamMatchOptions { Name = name, Value = value }).List[0, 2],
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
        Gen.Select(Route.Array[0, 5], Request.Array[1, 5]).Sample(
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
            iter: 20_000);
}
