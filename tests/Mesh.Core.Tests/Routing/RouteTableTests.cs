using Mesh.Routing;
using static Mesh.Core.Tests.Routing.Routes;

namespace Mesh.Core.Tests.Routing;

public sealed class RouteTableTests
{
    private static string? Match(RouteTable table, TestRequest request) => table.Match(request).Rule?.Name;

    [Test]
    public void Match_EmptyTable_FindsNothing() =>
        Assert.That(RouteTable.Empty.Match(new TestRequest("shop.example", "/")), Is.EqualTo(default(RouteSelection)));

    [TestCase("shop.example", ExpectedResult = "exact")]
    [TestCase("SHOP.Example", ExpectedResult = "exact")]
    [TestCase("shop.example:8443", ExpectedResult = "exact")]
    [TestCase("a.shop.example", ExpectedResult = "shop-wildcard")]
    [TestCase("b.a.shop.example:1", ExpectedResult = "shop-wildcard")]
    [TestCase("x.example", ExpectedResult = "wildcard")]
    [TestCase("example", ExpectedResult = "any")]
    [TestCase(".example", ExpectedResult = "any")]
    [TestCase("shop.example.", ExpectedResult = "any")]
    [TestCase("[::1]:80", ExpectedResult = "any")]
    [TestCase("[::1]", ExpectedResult = "any")]
    [TestCase("", ExpectedResult = "any")]
    public string? Match_Hostnames_MostSpecificFirst(string host)
    {
        var table = Compile(
            ("any", Route([], Rule("any"))),
            ("b", Route(["*.example"], Rule("wildcard"))),
            ("c", Route(["shop.example"], Rule("exact"))),
            ("d", Route(["*.shop.example"], Rule("shop-wildcard"))));
        return Match(table, new TestRequest(host, "/"));
    }

    [Test]
    public void Match_NoRuleOfTheSpecificHost_FallsThroughToLessSpecificHosts()
    {
        var table = Compile(
            ("a", Route(["a.b.example"], Rule("exact", Prefix("/exact")))),
            ("b", Route(["*.b.example"], Rule("long", Prefix("/long")))),
            ("c", Route(["*.example"], Rule("short", Prefix("/short")))),
            ("d", Route([], Rule("any", Prefix("/any")))));
        Assert.Multiple(() =>
        {
            Assert.That(Match(table, new TestRequest("a.b.example", "/long")), Is.EqualTo("long"));
            Assert.That(Match(table, new TestRequest("a.b.example", "/short")), Is.EqualTo("short"));
            Assert.That(Match(table, new TestRequest("a.b.example", "/any")), Is.EqualTo("any"));
            Assert.That(Match(table, new TestRequest("a.b.example", "/none")), Is.Null);
        });
    }

    [TestCase("/", ExpectedResult = "root")]
    [TestCase("/a", ExpectedResult = "a-exact")]
    [TestCase("/a/", ExpectedResult = "a-prefix")]
    [TestCase("/a/x", ExpectedResult = "a-prefix")]
    [TestCase("/ab", ExpectedResult = "root")]
    [TestCase("/A", ExpectedResult = "root")]
    [TestCase("/a/b", ExpectedResult = "ab-prefix")]
    [TestCase("/a/b/", ExpectedResult = "ab-prefix")]
    [TestCase("/a/b/c/d/e/f", ExpectedResult = "ab-prefix")]
    [TestCase("*", ExpectedResult = null)]
    [TestCase("", ExpectedResult = null)]
    public string? Match_Paths_ExactThenLongestPrefix(string path)
    {
        var table = Compile(("r", Route([], Rule("root", Prefix("/")), Rule("a-prefix", Prefix("/a")), Rule("ab-prefix", Prefix("/a/b/")), Rule("a-exact", Exact("/a")))));
        return Match(table, new TestRequest("h", path));
    }

    [Test]
    public void Match_ExactPathWhoseConditionsFail_FallsThroughToThePrefix()
    {
        var table = Compile(("r", Route([], Rule("exact", Exact("/a").WithMethod("POST")), Rule("prefix", Prefix("/a")))));
        Assert.That(Match(table, new TestRequest("h", "/a")), Is.EqualTo("prefix"));
    }

    [Test]
    public void Match_Specificity_MethodThenHeadersThenQuery()
    {
        var table = Compile(("r", Route(
            [],
            Rule("plain", Prefix("/")),
            Rule("query", Prefix("/").WithQuery("q", "1").WithQuery("r", "2")),
            Rule("header", Prefix("/").WithHeader("x-a", "1")),
            Rule("headers", Prefix("/").WithHeader("x-a", "1").WithHeader("x-b", "2")),
            Rule("method", Prefix("/").WithMethod("PUT")))));
        (string, string)[] both = [("X-A", "1"), ("X-B", "2")];
        Assert.Multiple(() =>
        {
            Assert.That(Match(table, new TestRequest("h", "/", "q=1&r=2", "PUT", both)), Is.EqualTo("method"));
            Assert.That(Match(table, new TestRequest("h", "/", "q=1&r=2", "GET", both)), Is.EqualTo("headers"));
            Assert.That(Match(table, new TestRequest("h", "/", "q=1&r=2", "GET", both[0])), Is.EqualTo("header"));
            Assert.That(Match(table, new TestRequest("h", "/", "q=1&r=2", "put")), Is.EqualTo("query"));
            Assert.That(Match(table, new TestRequest("h", "/")), Is.EqualTo("plain"));
        });
    }

    [Test]
    public void Match_Ties_AlphabeticalRouteThenOrderOfRules()
    {
        var table = Compile(
            ("zebra", Route([], Rule("z"))),
            ("ant", Route([], Rule("first", Prefix("/").WithHeader("version", "2")), Rule("second", Prefix("/").WithHeader("color", "blue")))),
            ("bee", Route([], Rule("b"))));
        Assert.Multiple(() =>
        {
            Assert.That(Match(table, new TestRequest("h", "/")), Is.EqualTo("b"));
            Assert.That(Match(table, new TestRequest("h", "/", headers: [("color", "blue"), ("version", "2")])), Is.EqualTo("first"));
            Assert.That(Match(table, new TestRequest("h", "/", headers: [("color", "blue")])), Is.EqualTo("second"));
        });
    }

    [Test]
    public void Match_DuplicateHeaderNames_OnlyTheFirstCounts()
    {
        var table = Compile(("r", Route([], Rule("r", Prefix("/").WithHeader("x-a", "1").WithHeader("X-A", "2")))));
        Assert.Multiple(() =>
        {
            Assert.That(Match(table, new TestRequest("h", "/", headers: [("x-a", "1")])), Is.EqualTo("r"));
            Assert.That(Match(table, new TestRequest("h", "/", headers: [("x-a", "2")])), Is.Null);
        });
    }

    [TestCase("q=a b", ExpectedResult = true)]
    [TestCase("q=a+b", ExpectedResult = true)]
    [TestCase("q=a%20b", ExpectedResult = true)]
    [TestCase("%71=%61%20%62", ExpectedResult = true)]
    [TestCase("x&&y=1&q=a+b&q=c", ExpectedResult = true)]
    [TestCase("q=c&q=a+b", ExpectedResult = false)]
    [TestCase("Q=a+b", ExpectedResult = false)]
    [TestCase("q=a+B", ExpectedResult = false)]
    [TestCase("q=a+b+", ExpectedResult = false)]
    [TestCase("q=a", ExpectedResult = false)]
    [TestCase("q", ExpectedResult = false)]
    [TestCase("", ExpectedResult = false)]
    [TestCase("q=a%2", ExpectedResult = false)]
    public bool Match_QueryParameter_FirstValueDecoded(string query)
    {
        var table = Compile(("r", Route([], Rule("r", Prefix("/").WithQuery("q", "a b")))));
        return Match(table, new TestRequest("h", "/", query)) is not null;
    }

    [TestCase("é€😀", "n=%C3%A9%E2%82%AC%F0%9F%98%80", ExpectedResult = true)]
    [TestCase("é€😀", "n=é€😀", ExpectedResult = true)]
    [TestCase("100%", "n=100%", ExpectedResult = true)]
    [TestCase("100%", "n=100%25", ExpectedResult = true)]
    [TestCase("", "n", ExpectedResult = true)]
    [TestCase("", "n=", ExpectedResult = true)]
    [TestCase("", "m=", ExpectedResult = false)]
    public bool Match_QueryValue_ComparesDecodedUtf8(string value, string query)
    {
        var table = Compile(("r", Route([], Rule("r", Prefix("/").WithQuery("n", value)))));
        return Match(table, new TestRequest("h", "/", query)) is not null;
    }

    [Test]
    public void Match_Prefix_TellsHowMuchItCovers()
    {
        var table = Compile(("r", Route([], Rule("p", Prefix("/a/b/")), Rule("e", Exact("/e")), Rule("root"))));
        Assert.Multiple(() =>
        {
            Assert.That(table.Match(new TestRequest("h", "/a/b/c")).PrefixLength, Is.EqualTo("/a/b".Length));
            Assert.That(table.Match(new TestRequest("h", "/e")).PrefixLength, Is.Zero);
            Assert.That(table.Match(new TestRequest("h", "/x")).PrefixLength, Is.Zero);
        });
    }

    [Test]
    public void Compile_RulesOfOneService_MatchAnyHost()
    {
        var errors = new Mesh.Configuration.ConfigurationErrors();
        var table = RouteTable.Compile([Rule("canary", new RouteMatchOptions().WithHeader("x-canary", "1")), Rule("rest")], "orders", "Mesh:Client:Services:orders:Rules", errors);
        Assert.Multiple(() =>
        {
            Assert.That(errors.All, Is.Empty);
            Assert.That(Match(table, new TestRequest("orders", "/", headers: [("x-canary", "1")])), Is.EqualTo("canary"));
            Assert.That(Match(table, new TestRequest("orders:443", "/")), Is.EqualTo("rest"));
            Assert.That(table.Rules.Select(static rule => rule.RouteName), Is.EqualTo(["orders", "orders"]));
        });
    }

    [Test]
    public void Match_Any_AllocatesNothing()
    {
        var table = Compile(
            ("a", Route(["*.example", "shop.example"], Rule("a", Prefix("/a/b").WithHeader("x", "1").WithQuery("q", "é b").WithMethod("GET")))),
            ("b", Route([], Rule("b", Exact("/x")), Rule("c", Prefix("/a")))));
        TestRequest[] requests =
        [
            new("shop.example:80", "/a/b/c/d", "x=1&q=%C3%A9+b", "GET", ("X", "1")),
            new("deep.shop.example", "/a/b/c/d", "x=1&q=no", "GET", ("X", "1")),
            new("other", "/x"),
            new("other", "/none"),
        ];
        var matched = 0;
        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(matched, Is.EqualTo(600));

        void Run()
        {
            for (var i = 0; i < 100; i++)
            {
                foreach (var request in requests)
                {
                    matched += table.Match(request).Rule is null ? 0 : 1;
                }
            }
        }
    }

    [Test]
    public void Match_HostAndPathOfThousandsOfParts_LooksUpOnlyWhatTheTableCanHold()
    {
        var table = Compile(("r", Route(["*.example", "h"], Rule("r", Prefix("/a/b")))));
        var host = string.Concat(Enumerable.Repeat("a.", 16_000)) + "example";
        var path = "/a/b" + string.Concat(Enumerable.Repeat("/c", 16_000));
        var started = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < 200; i++)
        {
            Assert.That(table.Match(new TestRequest(host, path)).PrefixLength, Is.EqualTo(4));
        }

        // With a look-up for each part this takes minutes, without it milliseconds.
        Assert.That(TimeProvider.System.GetElapsedTime(started), Is.LessThan(TimeSpan.FromSeconds(5)));
    }
}
