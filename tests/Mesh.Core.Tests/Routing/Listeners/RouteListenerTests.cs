using Mesh.Routing;
using Mesh.Routing.Listeners;

namespace Mesh.Core.Tests.Routing.Listeners;

public sealed class RouteListenerTests
{
    // The table of the Gateway API for "hostnames": listener, route, what they have in common.
    [TestCase(null, "", "")]
    [TestCase(null, "a.example", "a.example")]
    [TestCase("a.example", "", "a.example")]
    [TestCase("a.example", "a.example", "a.example")]
    [TestCase("a.example", "A.Example", "A.Example")]
    [TestCase("a.example", "*.example", "a.example")]
    [TestCase("*.example", "a.example", "a.example")]
    [TestCase("*.example", "a.b.example", "a.b.example")]
    [TestCase("*.example", "*.b.example", "*.b.example")]
    [TestCase("*.b.example", "*.example", "*.b.example")]
    [TestCase("*.example", "*.example", "*.example")]
    [TestCase("*.example", "a.example,b.example,c.test", "a.example,b.example")]
    [TestCase("a.example", "b.example", null)]
    [TestCase("*.example", "example", null)]
    [TestCase("*.example", "a.test", null)]
    [TestCase("example", "*.example", null)]
    [TestCase("*.a.example", "*.b.example", null)]
    [TestCase("*.example", "xexample", null)]
    public void Intersect_HostnamesOfARoute_LeavesWhatBothTake(string? listener, string route, string? expected)
    {
        var common = new RouteListener("l", listener, null).Intersect(route.Split(',', StringSplitOptions.RemoveEmptyEntries));

        Assert.That(common is null ? null : string.Join(',', common), Is.EqualTo(expected));
    }

    [Test]
    public void Under_AListener_SharesTheRules()
    {
        var table = Routes.Compile(("r", Routes.Route(["*.example"], Routes.Rule("one"))));
        var under = table.Under(new RouteListener("l", "a.example", 80));

        Assert.Multiple(() =>
        {
            Assert.That(under.Match(new TestRequest("a.example", "/")).Rule, Is.SameAs(table.Rules[0]));
            Assert.That(under.Match(new TestRequest("b.example", "/")).Rule, Is.Null);
        });
    }

    [TestCase("other", null, false)]
    [TestCase("L", null, true)]
    [TestCase(null, 80, true)]
    [TestCase("l", 80, true)]
    [TestCase("l", 81, false)]
    [TestCase(null, 81, false)]
    public void Under_AListener_HasTheRoutesThatNameIt(string? name, int? port, bool hangs)
    {
        var route = Routes.Route([], Routes.Rule("one"));
        route.ParentRefs.Add(new ParentRefOptions { SectionName = name, Port = port });

        Assert.That(Routes.Compile(("r", route)).Under(new RouteListener("l", null, 80)).Rules, Has.Length.EqualTo(hangs ? 1 : 0));
    }
}
