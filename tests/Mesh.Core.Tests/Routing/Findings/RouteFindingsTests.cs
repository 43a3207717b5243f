using Mesh.Configuration;
using Mesh.Routing;
using Mesh.Routing.Findings;
using Mesh.Routing.Grpc;
using Mesh.Routing.Listeners;

namespace Mesh.Core.Tests.Routing.Findings;

public sealed class RouteFindingsTests
{
    [Test]
    public void Find_DifferentMatches_FindsNothing()
    {
        var found = Find(
            ("a", Route(Match("/a"), Match("/a", method: "GET"), Match("/a", PathMatchType.Exact), Match("/a", header: "x"), Match("/a", header: "y"), Match("/A"))),
            ("b", Route("b.example", Match("/a"))),
            ("c", Route(Match("/a/b"), Match("/[a-z]+", PathMatchType.RegularExpression))));
        Assert.That(found, Is.Empty);
    }

    [Test]
    public void Find_EqualMatchesOfTwoRoutes_AreAmbiguous()
    {
        var found = Find(
            ("b", Route("SHOP.example", Match("/x"), Match("/a/", method: "GET", header: "x"))),
            ("a", new RouteOptions { Hostnames = ["other.example", "shop.example"], Rules = [new() { Matches = [Match("/y"), Match("/a", method: "GET", header: "X")] }] }));
        Assert.That(found, Is.EqualTo([new RouteFinding(
            RouteFindingKind.Ambiguous, "R:b:Rules:1:Matches:0", "R:a:Rules:0:Matches:1", "it takes no request for 'shop.example': the route 'a' says the same and comes first by its name.")]));
    }

    [Test]
    public void Find_EqualMatchesOfOneRoute_ShadowTheLater()
    {
        var found = Find(("a", new RouteOptions { Rules = [new(), new() { Matches = [Match("/b"), Match("/")] }] }));
        Assert.That(found, Is.EqualTo([new RouteFinding(
            RouteFindingKind.Shadowed, "R:a:Rules:1:Matches:1", "R:a:Rules:0", "it takes no request for every host: a match of the same route before it says the same.")]));
    }

    [TestCase(".*")]
    [TestCase("^/.*$")]
    public void Find_PrefixBehindAPatternForEveryPath_IsUnreachable(string pattern)
    {
        var found = Find(
            ("a", Route(Match("/a"), Match("/b", PathMatchType.Exact), Match(pattern, PathMatchType.RegularExpression), Match("/[a-z]*/long", PathMatchType.RegularExpression))),
            ("b", Route("shop.example", Match("/c"))));
        Assert.That(found.Select(static finding => (finding.Kind, finding.Path, finding.Other)), Is.EqualTo(new[] { (RouteFindingKind.Unreachable, "R:a:Rules:0:Matches:0", (string?)"R:a:Rules:2:Matches:0") }));
    }

    [Test]
    public void Find_PatternWithConditions_HidesNothing()
    {
        var pattern = Match(".*", PathMatchType.RegularExpression, method: "GET");
        Assert.That(Find(("a", Route(pattern, Match("/a")))), Is.Empty);
    }

    [Test]
    public void Find_Listeners_AreLookedThroughOneByOne()
    {
        var routes = new[]
        {
            ("a", Route(Match("/a"))), ("b", Route(Match("/a"))), ("c", Route("c.example", Match("/a"))), ("d", Route("d.other", Match("/a"))), ("e", Route(Match("/e"))),
        };
        routes[0].Item2.ParentRefs = [new() { SectionName = "one" }];
        routes[1].Item2.ParentRefs = [new() { SectionName = "two" }];
        routes[2].Item2.Hostnames.Add("sub.nowhere");
        routes[4].Item2.ParentRefs = [new() { Port = 99 }];
        var found = Find([new RouteListener("one", "*.example", 80), new RouteListener("two", "*.other", 80)], routes);
        Assert.That(found.Select(static finding => (finding.Kind, finding.Path)), Is.EqualTo(new[]
        {
            (RouteFindingKind.Unreachable, "R:c:Hostnames:1"), (RouteFindingKind.Unreachable, "R:e:ParentRefs"),
        }));
    }

    [Test]
    public void Find_HostsOfSeveralListeners_AreNamedOnce()
    {
        var found = Find([new RouteListener("one", "a.example", 80), new RouteListener("two", "b.example", 80)], ("a", Route(Match("/a"))), ("b", Route(Match("/a"))));
        Assert.That(found.Select(static finding => finding.Message), Is.EqualTo(["it takes no request for 'a.example', 'b.example': the route 'a' says the same and comes first by its name."]));
    }

    [Test]
    public void Find_GrpcMatches_AreCompared()
    {
        var errors = new ConfigurationErrors();
        GrpcRouteOptions[] routes = [Calls("shop.Stock", "Get"), Calls("shop.Stock", null), Calls("shop.Stock", "Get")];
        var table = RouteTable.Compile([], "R", routes.Select(static (route, i) => KeyValuePair.Create($"g{i}", route)), "G", errors);
        Assert.That(errors.All, Is.Empty);
        Assert.That(RouteFindings.Find(table, []).Select(static finding => (finding.Kind, finding.Path, finding.Other)), Is.EqualTo(new[] { (RouteFindingKind.Ambiguous, "G:g2:Rules:0:Matches:0", (string?)"G:g0:Rules:0:Matches:0") }));

        static GrpcRouteOptions Calls(string service, string? method) =>
            new() { Rules = [new() { Matches = [new() { Method = new() { Service = service, Method = method } }] }] };
    }

    [Test]
    public void Find_ManyRoutes_CostsInProportion()
    {
        var listeners = new[] { new RouteListener("one", "*.example", 80), new RouteListener("two", null, 81) };
        var (few, many) = (Table(1_000), Table(10_000));
        Allocated(few);
        Assert.That(Allocated(many) / (double)Allocated(few), Is.LessThan(15));

        long Allocated(RouteTable table)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.That(RouteFindings.Find(table, listeners), Has.Length.EqualTo(table.Rules.Length / 2));
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        static RouteTable Table(int count) => Compile([.. Enumerable.Range(0, count).Select(i => ($"r{i}", Route("shop.example", Match($"/p{i / 2}"))))]);
    }

    private static RouteFinding[] Find(params (string Name, RouteOptions Route)[] routes) => Find([], routes);

    private static RouteFinding[] Find(RouteListener[] listeners, params (string Name, RouteOptions Route)[] routes) => [.. RouteFindings.Find(Compile(routes), listeners)];

    private static RouteTable Compile(params (string Name, RouteOptions Route)[] routes)
    {
        var errors = new ConfigurationErrors();
        var table = RouteTable.Compile(routes.Select(static route => KeyValuePair.Create(route.Name, route.Route)), "R", errors);
        Assert.That(errors.All, Is.Empty);
        return table;
    }

    private static RouteOptions Route(params RouteMatchOptions[] matches) => new() { Rules = [.. matches.Select(static match => new RouteRuleOptions { Matches = [match] })] };

    private static RouteOptions Route(string host, params RouteMatchOptions[] matches)
    {
        var route = Route(matches);
        route.Hostnames.Add(host);
        return route;
    }

    private static RouteMatchOptions Match(string path, PathMatchType type = PathMatchType.PathPrefix, string? method = null, string? header = null) => new()
    {
        Path = new() { Type = type, Value = path },
        Method = method,
        Headers = header is null ? [] : [new() { Name = header, Value = "1" }],
    };
}
