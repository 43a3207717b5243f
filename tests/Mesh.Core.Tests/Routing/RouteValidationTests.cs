using Mesh.Configuration;
using Mesh.Routing;
using Microsoft.Extensions.Configuration;
using static Mesh.Core.Tests.Routing.Routes;

namespace Mesh.Core.Tests.Routing;

public sealed class RouteValidationTests
{
    private const string Path = "Mesh:Gateway:Routes:r";
    private const string FilterTypes = "RequestHeaderModifier, ResponseHeaderModifier, URLRewrite, RequestRedirect, RequestMirror, DirectResponse, FaultInjection, CORS, BodyLimit, Auth, Compression, Cache";

    [TestCase("shop.example:80")]
    [TestCase("*")]
    [TestCase("a.*.example")]
    [TestCase("*shop.example")]
    [TestCase("127.0.0.1")]
    [TestCase("-a.example")]
    [TestCase("a..example")]
    [TestCase("a_b")]
    [TestCase("")]
    public void Compile_BadHostname_IsNamed(string hostname) =>
        Assert.That(ErrorsOf(Rule("r"), hostname), Has.Exactly(1).StartsWith($"{Path}:Hostnames:0: found '{hostname}', allowed is a host name"));

    [TestCase("a")]
    [TestCase("")]
    [TestCase("/a//b")]
    [TestCase("/a/./b")]
    [TestCase("/a/../b")]
    [TestCase("/a/..")]
    [TestCase("/a/.")]
    [TestCase("/a%2fb")]
    [TestCase("/a%2Fb")]
    [TestCase("/a#b")]
    [TestCase("/a?b")]
    [TestCase("/%61")]
    [TestCase("/ä")]
    [TestCase("/a b")]
    public void Compile_BadPath_IsNamed(string path) =>
        Assert.That(ErrorsOf(Rule("r", Prefix("/ok"), Exact(path))), Has.Exactly(1).StartsWith($"{Path}:Rules:0:Matches:1:Path:Value: found '{path}', allowed is an absolute path"));

    [Test]
    public void Compile_BadConditions_AreAllNamed()
    {
        var match = new RouteMatchOptions { Method = "get" }.WithHeader("a b", "ok").WithHeader("x", "é").WithQuery("", "");
        Assert.That(ErrorsOf(Rule("r", match)).Select(static error => error[..error.IndexOf(": ", StringComparison.Ordinal)]), Is.EquivalentTo(new[]
        {
            $"{Path}:Rules:0:Matches:0:Method",
            $"{Path}:Rules:0:Matches:0:Headers:0:Name",
            $"{Path}:Rules:0:Matches:0:Headers:1:Value",
            $"{Path}:Rules:0:Matches:0:QueryParams:0:Name",
        }));
    }

    [TestCase("Content-Length")]
    [TestCase("transfer-encoding")]
    [TestCase("Host")]
    [TestCase("mesh-timeout")]
    [TestCase("")]
    [TestCase("a\r\nb")]
    public void Compile_HeaderThatMustNotBeChanged_IsNamed(string name)
    {
        var rule = Rule("r");
        rule.Filters.Add(new RouteFilterOptions { Type = RouteFilterType.RequestHeaderModifier, RequestHeaderModifier = new HeaderModifierOptions { Remove = [name] } });
        Assert.That(ErrorsOf(rule), Has.Exactly(1).StartsWith($"{Path}:Rules:0:Filters:0:RequestHeaderModifier:Remove:0: found "));
    }

    [Test]
    public void Compile_HeaderNamedTwiceOrWithLineBreak_IsNamed()
    {
        var rule = Rule("r");
        rule.Filters.Add(new RouteFilterOptions
        {
            Type = RouteFilterType.ResponseHeaderModifier,
            ResponseHeaderModifier = new HeaderModifierOptions { Set = [new() { Name = "x", Value = "a\r\nb: c" }], Add = [new() { Name = "X", Value = "1" }] },
        });
        Assert.That(ErrorsOf(rule), Is.EqualTo(new[]
        {
            $"{Path}:Rules:0:Filters:0:ResponseHeaderModifier:Set:0:Value: found 'a\r\nb: c', allowed is printable ASCII without spaces around it.",
            $"{Path}:Rules:0:Filters:0:ResponseHeaderModifier:Add:0:Name: found 'X', allowed is each field once in a filter.",
        }));
    }

    [Test]
    public void Compile_FilterWithoutTypeOrWithTheWrongMember_IsNamed()
    {
        var rule = Rule("r");
        rule.Filters.Add(new RouteFilterOptions());
        rule.Filters.Add(new RouteFilterOptions { Type = RouteFilterType.URLRewrite, RequestHeaderModifier = new HeaderModifierOptions() });
        Assert.That(ErrorsOf(rule), Is.EqualTo(new[]
        {
            $"{Path}:Rules:0:Filters:0:Type: found '', allowed is one of {FilterTypes}.",
            $"{Path}:Rules:0:Filters:1:RequestHeaderModifier: there is no place for it in a filter of type URLRewrite.",
            $"{Path}:Rules:0:Filters:1:URLRewrite: a filter of type URLRewrite needs it.",
        }));
    }

    [Test]
    public void Compile_ReplacePrefixMatchWithoutOnePrefix_IsNamed()
    {
        foreach (RouteMatchOptions[] matches in (RouteMatchOptions[][])[[Exact("/a")], [Prefix("/a"), Prefix("/b")]])
        {
            var rule = Rule("r", matches);
            rule.Filters.Add(Rewrite(new PathRewriteOptions { Type = PathRewriteType.ReplacePrefixMatch, ReplacePrefixMatch = "/x" }));
            Assert.That(ErrorsOf(rule), Has.Exactly(1).StartsWith($"{Path}:Rules:0:Filters:0:URLRewrite:Path:Type: found 'ReplacePrefixMatch'"));
        }
    }

    [TestCase("//evil.example")]
    [TestCase("x")]
    [TestCase("/a\r\nb")]
    public void Compile_BadReplacement_IsNamed(string replacement)
    {
        var rule = Rule("r");
        rule.Filters.Add(Rewrite(new PathRewriteOptions { Type = PathRewriteType.ReplaceFullPath, ReplaceFullPath = replacement }));
        Assert.That(ErrorsOf(rule), Has.Exactly(1).StartsWith($"{Path}:Rules:0:Filters:0:URLRewrite:Path:ReplaceFullPath: found '{replacement}'"));
    }

    [Test]
    public void Compile_RewriteWithMissingOrMisplacedMembers_IsNamed()
    {
        const string Prefix = $"{Path}:Rules:0:Filters:0:URLRewrite";
        Assert.Multiple(() =>
        {
            Assert.That(ErrorsOf(new UrlRewriteOptions()), Is.EqualTo([$"{Prefix}: a rewrite needs a Hostname or a Path."]));
            Assert.That(ErrorsOf(new UrlRewriteOptions { Hostname = "*.example" }), Has.Exactly(1).StartsWith($"{Prefix}:Hostname: found '*.example'"));
            Assert.That(
                ErrorsOf(new UrlRewriteOptions { Path = new PathRewriteOptions() }),
                Is.EqualTo([$"{Prefix}:Path:Type: found '', allowed is one of ReplaceFullPath, ReplacePrefixMatch."]));
            Assert.That(
                ErrorsOf(new UrlRewriteOptions { Path = new PathRewriteOptions { Type = PathRewriteType.ReplaceFullPath, ReplacePrefixMatch = "/a" } }),
                Is.EqualTo(new[]
                {
                    $"{Prefix}:Path:ReplaceFullPath: a rewrite of type ReplaceFullPath needs it.",
                    $"{Prefix}:Path:ReplacePrefixMatch: there is no place for it in a rewrite of type ReplaceFullPath.",
                }));
        });

        static IReadOnlyCollection<string> ErrorsOf(UrlRewriteOptions rewrite)
        {
            var rule = Rule("r");
            rule.Filters.Add(new RouteFilterOptions { Type = RouteFilterType.URLRewrite, URLRewrite = rewrite });
            return Routes.ErrorsOf(rule);
        }
    }

    [Test]
    public void Compile_BadBackendsAndTimeouts_AreAllNamed()
    {
        var rule = Rule("r");
        rule.BackendRefs = [new() { Name = "" }, new() { Name = "a", Weight = -1 }, new() { Name = "a", Weight = 1_000_001, Port = 0, Namespace = "a/b" }];
        rule.Timeouts = new RouteTimeoutsOptions { Request = TimeSpan.FromSeconds(1), BackendRequest = TimeSpan.FromSeconds(2) };
        Assert.That(ErrorsOf(rule).Select(static error => error[..error.IndexOf(": ", StringComparison.Ordinal)]), Is.EquivalentTo(new[]
        {
            $"{Path}:Rules:0:BackendRefs:0:Name",
            $"{Path}:Rules:0:BackendRefs:1:Weight",
            $"{Path}:Rules:0:BackendRefs:2:Weight",
            $"{Path}:Rules:0:BackendRefs:2:Port",
            $"{Path}:Rules:0:BackendRefs:2:Namespace",
            $"{Path}:Rules:0:Timeouts:BackendRequest",
        }));
    }

    [Test]
    public void Compile_NoRulesOrTwoOfOneName_IsNamed()
    {
        var errors = new ConfigurationErrors();
        RouteTable.Compile(
            [KeyValuePair.Create("empty", new RouteOptions()), KeyValuePair.Create("twice", Route([], Rule("a"), Rule("a")))],
            "Mesh:Gateway:Routes",
            errors);
        Assert.That(errors.All, Is.EqualTo(new[]
        {
            "Mesh:Gateway:Routes:empty:Rules: a route needs at least one rule.",
            "Mesh:Gateway:Routes:twice:Rules:1:Name: found 'a', allowed is a name that no other rule of the route has.",
        }));
    }

    [Test]
    public void Read_WholeRoute_FillsEveryField()
    {
        const string Json = """
            { "r": {
                "parentRefs": [ { "name": "edge" } ],
                "hostnames": [ "shop.example" ],
                "rules": [ {
                  "name": "orders",
                  "matches": [ { "path": { "type": "PathPrefix", "value": "/api" }, "method": "GET",
                                 "headers": [ { "name": "x", "value": "1", "type": "Exact" } ], "queryParams": [ { "name": "q", "value": "" } ] } ],
                  "filters": [ { "type": "URLRewrite", "urlRewrite": { "hostname": "in.example", "path": { "type": "ReplacePrefixMatch", "replacePrefixMatch": "" } } },
                               { "type": "RequestHeaderModifier", "requestHeaderModifier": { "set": [ { "name": "a", "value": "1" } ], "add": [ { "name": "b", "value": "2" } ], "remove": [ "c" ] } },
                               { "type": "ResponseHeaderModifier", "responseHeaderModifier": { "remove": [ "d" ] } } ],
                  "backendRefs": [ { "group": "", "kind": "Service", "name": "orders", "namespace": "shop", "port": 8080, "weight": 3 } ],
                  "timeouts": { "request": "2s", "backendRequest": "500ms" } } ] } }
            """;
        var (table, errors) = Read(Json);
        Assert.That(errors, Is.Empty);
        var selection = table.Match(new TestRequest("shop.example", "/api/x", "q", "GET", ("X", "1")));
        var rule = selection.Rule!;
        Assert.Multiple(() =>
        {
            Assert.That((rule.RouteName, rule.Name), Is.EqualTo(("r", "orders")));
            Assert.That(rule.Rewrite!.Hostname, Is.EqualTo("in.example"));
            Assert.That(rule.Rewrite.Apply("/api/x", selection.PrefixLength), Is.EqualTo("/x"));
            Assert.That(rule.RequestHeaders!.Set, Is.EqualTo(new[] { new RouteHeader("a", "1") }));
            Assert.That(rule.RequestHeaders.Add, Is.EqualTo(new[] { new RouteHeader("b", "2") }));
            Assert.That(rule.RequestHeaders.Remove, Is.EqualTo(new[] { "c" }));
            Assert.That(rule.ResponseHeaders!.Remove, Is.EqualTo(new[] { "d" }));
            Assert.That((rule.Backends[0].Service, rule.Backends[0].Port, rule.Backends[0].Weight), Is.EqualTo(("orders.shop", 8080, 3)));
            Assert.That((rule.RequestTimeout, rule.BackendTimeout), Is.EqualTo((TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(500))));
        });
    }

    [Test]
    public void Read_TypesThatAreNotSupported_NameWhatIs()
    {
        const string Json = """
            { "r": { "rules": [ {
                "matches": [ { "path": { "type": "Suffix", "value": "/.*" }, "headers": [ { "name": "x", "value": "1", "type": "Glob" } ] } ],
                "filters": [ { "type": "Lua", "lua": { "inline": "x" } } ] } ] } }
            """;
        var (_, errors) = Read(Json);
        Assert.Multiple(() =>
        {
            Assert.That(errors, Has.Member("Mesh:Gateway:Routes:r:Rules:0:Matches:0:Path:Type: found 'Suffix', allowed is one of Exact, PathPrefix, RegularExpression."));
            Assert.That(errors, Has.Member("Mesh:Gateway:Routes:r:Rules:0:Matches:0:Headers:0:Type: found 'Glob', allowed is one of Exact, RegularExpression, Present, Absent."));
            Assert.That(errors, Has.Some.Contains("Filters:0:Type: found 'Lua', allowed is one of " + FilterTypes));
            Assert.That(errors, Has.Some.Contains("Filters:0:lua: there is no such setting"));
            Assert.That(errors, Has.Count.EqualTo(4), "a type that was refused is not also missing");
        });
    }

    private static RouteFilterOptions Rewrite(PathRewriteOptions path) =>
        new() { Type = RouteFilterType.URLRewrite, URLRewrite = new UrlRewriteOptions { Path = path } };

    private static (RouteTable Table, IReadOnlyCollection<string> Errors) Read(string routes)
    {
        using var json = new MemoryStream(System.Text.Encoding.UTF8.GetBytes($$"""{ "Mesh": { "Gateway": { "Routes": {{routes}} } } }"""));
        var configuration = new ConfigurationBuilder().AddJsonStream(json).Build();
        var errors = new ConfigurationErrors();
        Dictionary<string, RouteOptions> options = [];
        ConfigurationReader.Read(configuration.GetSection("Mesh:Gateway"), errors, options, static (reader, target) => reader.Map<RouteOptions>("Routes", target, RouteOptions.Read));
        return (RouteTable.Compile(options, "Mesh:Gateway:Routes", errors), errors.All);
    }
}
