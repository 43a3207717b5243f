using Mesh.Routing;
using static Mesh.Core.Tests.Routing.Routes;

namespace Mesh.Core.Tests.Routing;

public sealed class RouteRedirectTests
{
    // The conformance table of the Gateway API (HTTPRouteRedirectPortAndScheme), and the port the caller wrote.
    [TestCase(null, null, "http", "h", ExpectedResult = "http://h/p?q=1")]
    [TestCase(null, null, "http", "h:80", ExpectedResult = "http://h/p?q=1")]
    [TestCase(null, null, "http", "h:8080", ExpectedResult = "http://h:8080/p?q=1")]
    [TestCase(null, 80, "http", "h:8080", ExpectedResult = "http://h/p?q=1")]
    [TestCase(null, 8081, "http", "h", ExpectedResult = "http://h:8081/p?q=1")]
    [TestCase("http", null, "http", "h:8080", ExpectedResult = "http://h/p?q=1")]
    [TestCase("http", 80, "http", "h:8080", ExpectedResult = "http://h/p?q=1")]
    [TestCase("http", 8080, "http", "h", ExpectedResult = "http://h:8080/p?q=1")]
    [TestCase("https", null, "http", "h:80", ExpectedResult = "https://h/p?q=1")]
    [TestCase("https", 443, "http", "h", ExpectedResult = "https://h/p?q=1")]
    [TestCase("https", 8443, "http", "h", ExpectedResult = "https://h:8443/p?q=1")]
    [TestCase("http", 443, "https", "h", ExpectedResult = "http://h:443/p?q=1")]
    [TestCase(null, null, "https", "h:443", ExpectedResult = "https://h/p?q=1")]
    [TestCase(null, null, "https", "[::1]:8443", ExpectedResult = "https://[::1]:8443/p?q=1")]
    [TestCase("https", null, "http", "[::1]", ExpectedResult = "https://[::1]/p?q=1")]
    [TestCase("https", null, "http", "", ExpectedResult = "/p?q=1")]
    public string Locate_SchemeAndPort_AsTheGatewayApiSays(string? scheme, int? port, string requestScheme, string host) =>
        Redirect(new RequestRedirectOptions { Scheme = scheme, Port = port }).Locate(requestScheme, host, "/p", "?q=1", 0);

    [Test]
    public void Locate_HostAndPath_AreReplaced()
    {
        var full = Redirect(new RequestRedirectOptions
        {
            Hostname = "new.example",
            Path = new PathRewriteOptions { Type = PathRewriteType.ReplaceFullPath, ReplaceFullPath = "/all" },
            StatusCode = 308,
        });
        var prefix = Redirect(new RequestRedirectOptions { Path = new PathRewriteOptions { Type = PathRewriteType.ReplacePrefixMatch, ReplacePrefixMatch = "/v2" } });
        Assert.Multiple(() =>
        {
            Assert.That(full.Locate("https", "old.example:8443", "/a/b", "", 0), Is.EqualTo("https://new.example:8443/all"));
            Assert.That(full.StatusCode, Is.EqualTo(308));
            Assert.That(prefix.Locate("https", "h", "/v1/x", "?a", 3), Is.EqualTo("https://h/v2/x?a"));
            Assert.That(prefix.StatusCode, Is.EqualTo(302));
        });
    }

    private static RouteRedirect Redirect(RequestRedirectOptions options)
    {
        var rule = Rule("r");
        rule.Filters.Add(new RouteFilterOptions { Type = RouteFilterType.RequestRedirect, RequestRedirect = options });
        return Compile(("r", Route([], rule))).Rules[0].Redirect!;
    }
}
