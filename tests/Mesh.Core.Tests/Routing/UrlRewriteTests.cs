using Mesh.Routing;
using static Mesh.Core.Tests.Routing.Routes;

namespace Mesh.Core.Tests.Routing;

public sealed class UrlRewriteTests
{
    // The table of the Gateway API (HTTPPathModifier), row by row.
    [TestCase("/foo/bar", "/foo", "/xyz", ExpectedResult = "/xyz/bar")]
    [TestCase("/foo/bar", "/foo", "/xyz/", ExpectedResult = "/xyz/bar")]
    [TestCase("/foo/bar", "/foo/", "/xyz", ExpectedResult = "/xyz/bar")]
    [TestCase("/foo/bar", "/foo/", "/xyz/", ExpectedResult = "/xyz/bar")]
    [TestCase("/foo", "/foo", "/xyz", ExpectedResult = "/xyz")]
    [TestCase("/foo/", "/foo", "/xyz", ExpectedResult = "/xyz/")]
    [TestCase("/foo/bar", "/foo", "", ExpectedResult = "/bar")]
    [TestCase("/foo/", "/foo", "", ExpectedResult = "/")]
    [TestCase("/foo", "/foo", "", ExpectedResult = "/")]
    [TestCase("/foo/", "/foo", "/", ExpectedResult = "/")]
    [TestCase("/foo", "/foo", "/", ExpectedResult = "/")]
    // And what it leaves open.
    [TestCase("/foo/bar", "/", "/xyz", ExpectedResult = "/xyz/foo/bar")]
    [TestCase("/", "/", "/xyz", ExpectedResult = "/xyz/")]
    [TestCase("/foo/a%20b", "/foo", "/x%2Cy", ExpectedResult = "/x%2Cy/a%20b")]
    public string Apply_ReplacePrefixMatch_FollowsTheTable(string path, string prefix, string replacement) =>
        Rewrite(path, Prefix(prefix), new PathRewriteOptions { Type = PathRewriteType.ReplacePrefixMatch, ReplacePrefixMatch = replacement });

    [Test]
    public void Apply_ReplaceFullPath_ReplacesEverything() =>
        Assert.That(Rewrite("/foo/bar", Exact("/foo/bar"), new PathRewriteOptions { Type = PathRewriteType.ReplaceFullPath, ReplaceFullPath = "/new" }), Is.EqualTo("/new"));

    [Test]
    public void Apply_HostnameOnly_KeepsThePath()
    {
        var rule = Rule("r");
        rule.Filters.Add(new RouteFilterOptions { Type = RouteFilterType.URLRewrite, URLRewrite = new UrlRewriteOptions { Hostname = "internal.example" } });
        var rewrite = Compile(("r", Route([], rule))).Rules[0].Rewrite!;
        Assert.Multiple(() =>
        {
            Assert.That(rewrite.Apply("/a/b", 0), Is.EqualTo("/a/b"));
            Assert.That(rewrite.Hostname, Is.EqualTo("internal.example"));
        });
    }

    private static string Rewrite(string path, RouteMatchOptions match, PathRewriteOptions rewrite)
    {
        var rule = Rule("r", match);
        rule.Filters.Add(new RouteFilterOptions { Type = RouteFilterType.URLRewrite, URLRewrite = new UrlRewriteOptions { Path = rewrite } });
        var selection = Compile(("r", Route([], rule))).Match(new TestRequest("h", path));
        return selection.Rule!.Rewrite!.Apply(path, selection.PrefixLength);
    }
}
