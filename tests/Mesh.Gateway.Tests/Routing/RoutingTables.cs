using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Gateway.Tests.Routing;

/// <summary>Routes with requests and what becomes of each.</summary>
internal static partial class RoutingTables
{
    public static IEnumerable<TestCaseData> All()
    {
        yield return Table("hosts", HostRoutes, Hosts);
        yield return Table("paths", PathRoutes, Paths);
        yield return Table("expressions", ExpressionRoutes, Expressions);
        yield return Table("headers and methods", HeaderRoutes, HeadersAndMethods);
        yield return Table("query", QueryRoutes, Query);
        yield return Table("ties", TieRoutes, Ties);
        yield return Table("rewrites", RewriteRoutes, Rewrites);
        yield return Table("redirects", RedirectRoutes, Redirects);
        yield return Table("listeners", ListenerRoutes, ListenerCases, ListenerMembers);
        yield return Table("grpc", "{}", GrpcCases, $"\"GrpcRoutes\": {Mark(GrpcRoutes)}, ");
    }

    private static TestCaseData Table(string name, string routes, string cases, string gateway = "") =>
        new TestCaseData(Mark(routes), gateway, cases).SetArgDisplayNames(name);

    // Every rule tells its name to the service, and unless it says otherwise there is one.
    private static string Mark(string routes)
    {
        var node = JsonNode.Parse(routes, documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip })!;
        foreach (var rule in node.AsObject().SelectMany(static route => route.Value!["Rules"]!.AsArray()))
        {
            var filters = rule!["Filters"]?.AsArray() ?? [];
            if (filters.Any(static filter => filter!["Type"]!.GetValue<string>() is "RequestRedirect" or "DirectResponse"))
            {
                continue;
            }

            filters.Add(JsonNode.Parse($$"""{ "Type": "RequestHeaderModifier", "RequestHeaderModifier": { "Set": [ { "Name": "x-rule", "Value": "{{rule["Name"]}}" } ] } }"""));
            rule["Filters"] = filters.Parent is null ? filters : rule["Filters"]!.DeepClone();
            rule["BackendRefs"] ??= JsonNode.Parse("""[ { "Name": "b" } ]""");
        }

        return node.ToJsonString();
    }

    private const string HostRoutes =
        """
        {
          "exact": { "Hostnames": [ "a.b.example" ], "Rules": [ { "Name": "exact" } ] },
          "exact-path": { "Hostnames": [ "only.example" ], "Rules": [ { "Name": "only", "Matches": [ { "Path": { "Value": "/only" } } ] } ] },
          "wide": { "Hostnames": [ "*.example" ], "Rules": [ { "Name": "wide" } ] },
          "narrow": { "Hostnames": [ "*.b.example" ], "Rules": [ { "Name": "narrow", "Matches": [ { "Path": { "Value": "/n" } } ] } ] },
          "several": { "Hostnames": [ "one.test", "two.test", "*.three.test" ], "Rules": [ { "Name": "several" } ] },
          "rest": { "Rules": [ { "Name": "rest", "Matches": [ { "Path": { "Type": "Exact", "Value": "/rest" } } ] } ] }
        }
        """;

    private const string Hosts =
        """
        # an exact name comes before wildcards, whatever the path
        GET a.b.example / => exact
        GET a.b.example /n => exact
        GET a.b.example /rest => exact
        # the port and the case of Host do not count
        GET a.b.example:8080 / => exact
        GET a.b.example:1 /n => exact
        GET A.B.EXAMPLE / => exact
        GET A.b.Example:443 / => exact
        # a wildcard stands for one or more labels
        GET x.example / => wide
        GET x.y.example / => wide
        GET x.y.z.example / => wide
        GET b.example / => wide
        GET X.EXAMPLE / => wide
        GET x.example:99 / => wide
        # but not for none
        GET example / => 404
        GET xexample / => 404
        GET example.org / => 404
        # the longer wildcard comes first; where none of its rules takes the request, the next is asked
        GET x.b.example /n => narrow
        GET x.b.example /n/m => narrow
        GET x.y.b.example /n => narrow
        GET x.b.example / => wide
        GET x.b.example /other => wide
        GET b.example /n => wide
        GET xb.example /n => wide
        # the same from an exact name to a wildcard, and to routes for every host
        GET only.example /only => only
        GET only.example /only/x => only
        GET only.example /else => wide
        GET unknown.org /rest => rest
        GET one.test /rest => several
        GET a.b.example.org /rest => rest
        GET unknown.org / => 404
        GET unknown.org /rest/ => 404
        # each name of a list counts
        GET one.test / => several
        GET two.test / => several
        GET x.three.test / => several
        GET three.test / => 404
        GET three.test /rest => rest
        GET one.two.test / => 404
        # addresses are hosts without a name
        GET 127.0.0.1 /rest => rest
        GET [::1]:80 /rest => rest
        GET 127.0.0.1:8080 / => 404
        """;

    private const string PathRoutes =
        """
        {
          "r": { "Rules": [
            { "Name": "root-exact", "Matches": [ { "Path": { "Type": "Exact", "Value": "/" } } ] },
            { "Name": "foo", "Matches": [ { "Path": { "Type": "PathPrefix", "Value": "/foo" } } ] },
            { "Name": "foo-bar", "Matches": [ { "Path": { "Type": "PathPrefix", "Value": "/foo/bar" } } ] },
            { "Name": "foo-exact", "Matches": [ { "Path": { "Type": "Exact", "Value": "/foo/exact" } } ] },
            { "Name": "slash-exact", "Matches": [ { "Path": { "Type": "Exact", "Value": "/slash/" } } ] },
            { "Name": "trail", "Matches": [ { "Path": { "Type": "PathPrefix", "Value": "/trail/" } } ] },
            { "Name": "escape", "Matches": [ { "Path": { "Type": "PathPrefix", "Value": "/a%20b" } } ] },
            { "Name": "either", "Matches": [ { "Path": { "Value": "/left" } }, { "Path": { "Type": "Exact", "Value": "/right" } } ] },
            { "Name": "deep", "Matches": [ { "Path": { "Value": "/1/2/3/4/5/6/7/8/9" } } ] },
            { "Name": "shallow", "Matches": [ { "Path": { "Value": "/1" } } ] } ] }
        }
        """;

    private const string Paths =
        """
        GET h / => root-exact
        GET h /? => root-exact
        GET h /?x=/foo => root-exact
        GET h /x => 404
        # a prefix covers whole elements
        GET h /foo => foo
        GET h /foo/ => foo
        GET h /foo/x => foo
        GET h /foo/x/y/z => foo
        GET h /foo?bar => foo
        GET h /foobar => 404
        GET h /foo.bar => 404
        GET h /fo => 404
        # the longest prefix comes first
        GET h /foo/bar => foo-bar
        GET h /foo/bar/ => foo-bar
        GET h /foo/bar/baz => foo-bar
        GET h /foo/barbaz => foo
        GET h /foo/ba => foo
        GET h /foo/baz/bar => foo
        # upper and lower case differ
        GET h /FOO => 404
        GET h /Foo/bar => 404
        GET h /foo/BAR => foo
        # an exact path is that and nothing else, and comes before prefixes
        GET h /foo/exact => foo-exact
        GET h /foo/exact?q => foo-exact
        GET h /foo/exact/ => foo
        GET h /foo/exact/x => foo
        GET h /foo/Exact => foo
        GET h /slash/ => slash-exact
        GET h /slash => 404
        GET h /slash/x => 404
        # the slash at the end of a prefix does not count
        GET h /trail => trail
        GET h /trail/ => trail
        GET h /trail/x => trail
        GET h /trailx => 404
        # escapes stay as they are; what needs none has none
        GET h /a%20b => escape
        GET h /a%20b/c => escape
        GET h /a%20bc => 404
        GET h /%66oo => foo /foo
        GET h /f%6fo/bar => foo-bar /foo/bar
        # one canonical path
        GET h /x/../foo => foo /foo
        GET h /foo/./bar => foo-bar /foo/bar
        GET h /foo/bar/.. => foo /foo/
        GET h //foo => foo /foo
        GET h /foo//bar => foo-bar /foo/bar
        GET h /foo/%2e%2e/left => either /left
        # matches of a rule are alternatives
        GET h /left => either
        GET h /left/x => either
        GET h /right => either
        GET h /right/x => 404
        # from the longest prefix to the shortest
        GET h /1/2/3/4/5/6/7/8/9 => deep
        GET h /1/2/3/4/5/6/7/8/9/10 => deep
        GET h /1/2/3/4/5/6/7/8/99 => shallow
        GET h /1/2/3/4/5/6/7/8 => shallow
        """;

    private const string ExpressionRoutes =
        """
        {
          "r": { "Rules": [
            { "Name": "digits", "Matches": [ { "Path": { "Type": "RegularExpression", "Value": "/items/[0-9]+" } } ] },
            { "Name": "longer", "Matches": [ { "Path": { "Type": "RegularExpression", "Value": "/items/([0-9]+|new)" } } ] },
            { "Name": "any", "Matches": [ { "Path": { "Type": "RegularExpression", "Value": "/items/.*" } } ] },
            { "Name": "choice", "Matches": [ { "Path": { "Type": "RegularExpression", "Value": "/a|/b" } } ] },
            { "Name": "with-method", "Matches": [ { "Path": { "Type": "RegularExpression", "Value": "/m/.+" }, "Method": "POST" } ] },
            { "Name": "same-length", "Matches": [ { "Path": { "Type": "RegularExpression", "Value": "/m/.+" } } ] },
            { "Name": "prefix", "Matches": [ { "Path": { "Value": "/items" } } ] },
            { "Name": "long-prefix", "Matches": [ { "Path": { "Value": "/items/5/deep/inside" } } ] },
            { "Name": "exact", "Matches": [ { "Path": { "Type": "Exact", "Value": "/items/7" } } ] } ] }
        }
        """;

    private const string Expressions =
        """
        # the whole path, the longer expression first
        GET h /items/5 => longer
        GET h /items/new => longer
        GET h /items/newer => any
        GET h /items/5a => any
        GET h /items/ => any
        GET h /items => prefix
        GET h /itemsx => 404
        # before prefixes, behind exact paths
        GET h /items/7 => exact
        GET h /items/7/ => any
        GET h /items/5/deep/inside => any
        # an alternative is anchored on both sides
        GET h /a => choice
        GET h /b => choice
        GET h /a/b => 404
        GET h /ab => 404
        # case-sensitive
        GET h /A => 404
        # of equal length, the method decides
        POST h /m/x => with-method
        GET h /m/x => same-length
        GET h /m/ => 404
        """;

    private const string HeaderRoutes =
        """
        {
          "r": { "Rules": [
            { "Name": "one", "Matches": [ { "Headers": [ { "Name": "version", "Value": "one" } ] } ] },
            { "Name": "two", "Matches": [ { "Headers": [ { "Name": "Version", "Value": "two" } ] } ] },
            { "Name": "two-blue", "Matches": [ { "Headers": [ { "Name": "version", "Value": "two" }, { "Name": "color", "Value": "blue" } ] } ] },
            { "Name": "colors", "Matches": [ { "Headers": [ { "Name": "color", "Value": "green" } ] }, { "Headers": [ { "Name": "color", "Value": "red" } ] } ] },
            { "Name": "first-counts", "Matches": [ { "Headers": [ { "Name": "dup", "Value": "1" }, { "Name": "DUP", "Value": "2" } ] } ] },
            { "Name": "expression", "Matches": [ { "Headers": [ { "Name": "re", "Type": "RegularExpression", "Value": "v[0-9]+" } ] } ] },
            { "Name": "present", "Matches": [ { "Headers": [ { "Name": "here", "Type": "Present" } ] } ] },
            { "Name": "get", "Matches": [ { "Method": "GET", "Path": { "Value": "/m" } } ] },
            { "Name": "post", "Matches": [ { "Method": "POST", "Path": { "Value": "/m" } } ] },
            { "Name": "m-header", "Matches": [ { "Path": { "Value": "/m" }, "Headers": [ { "Name": "version", "Value": "one" }, { "Name": "color", "Value": "red" } ] } ] },
            { "Name": "m-exact", "Matches": [ { "Path": { "Type": "Exact", "Value": "/m/exact" } } ] },
            { "Name": "m-longer", "Matches": [ { "Path": { "Value": "/m/longer" } } ] },
            { "Name": "absent", "Matches": [ { "Path": { "Value": "/absent" }, "Headers": [ { "Name": "here", "Type": "Absent" } ] } ] },
            { "Name": "patch", "Matches": [ { "Method": "PATCH", "Path": { "Value": "/patch" } } ] },
            { "Name": "options", "Matches": [ { "Method": "OPTIONS", "Path": { "Value": "/o" } } ] },
            { "Name": "head", "Matches": [ { "Method": "DELETE", "Path": { "Value": "/o" } } ] } ] }
        }
        """;

    private const string HeadersAndMethods =
        """
        GET h / [version: one] => one
        GET h /x/y [version: one] => one
        # names in any case, values as they are
        GET h / [VERSION: one] => one
        GET h / [Version: two] => two
        GET h / [version: One] => 404
        GET h / [version: one two] => 404
        GET h / [version: onetwo] => 404
        GET h / => 404
        # more headers first; all of a match must hold
        GET h / [version: two; color: blue] => two-blue
        GET h / [color: blue; version: two] => two-blue
        GET h / [version: two; color: pink] => two
        GET h / [color: blue] => 404
        # equal rank: list order
        GET h / [version: two; color: green] => two
        GET h / [version: one; color: red] => one
        # matches are alternatives
        GET h / [color: green] => colors
        GET h / [color: red] => colors
        # of entries with one name the first counts
        GET h / [dup: 1] => first-counts
        GET h / [dup: 2] => 404
        # expressions hold for the whole value
        GET h / [re: v12] => expression
        GET h / [re: v] => 404
        GET h / [re: v1x] => 404
        GET h / [re: xv1] => 404
        GET h / [here: anything] => present
        # methods
        GET h /m => get
        POST h /m => post
        PUT h /m => 404
        DELETE h /m => 404
        GET h /m/x => get
        POST h /m/x => post
        PATCH h /patch => patch
        PUT h /patch => 404
        OPTIONS h /o => options
        DELETE h /o => head
        GET h /o => 404
        # a method comes before headers, a path before a method
        GET h /m [version: one; color: red] => get
        PUT h /m [version: one; color: red] => m-header
        GET h /m/exact => m-exact
        POST h /m/exact => m-exact
        GET h /m/longer => m-longer
        GET h /m/longer/x => m-longer
        PUT h /m/exact/x [version: one; color: red] => m-header
        GET h /absent => absent
        GET h /absent [here: 1] => present
        """;

    private const string QueryRoutes =
        """
        {
          "r": { "Rules": [
            { "Name": "whale", "Matches": [ { "QueryParams": [ { "Name": "animal", "Value": "whale" } ] } ] },
            { "Name": "dolphin", "Matches": [ { "QueryParams": [ { "Name": "animal", "Value": "dolphin" } ] } ] },
            { "Name": "dolphin-blue", "Matches": [ { "QueryParams": [ { "Name": "animal", "Value": "dolphin" }, { "Name": "color", "Value": "blue" } ] } ] },
            { "Name": "colors", "Matches": [ { "QueryParams": [ { "Name": "color", "Value": "green" } ] }, { "QueryParams": [ { "Name": "color", "Value": "red" } ] } ] },
            { "Name": "first", "Matches": [ { "QueryParams": [ { "Name": "dup", "Value": "1" }, { "Name": "dup", "Value": "2" } ] } ] },
            { "Name": "space", "Matches": [ { "QueryParams": [ { "Name": "two words", "Value": "a b" } ] } ] },
            { "Name": "expression", "Matches": [ { "QueryParams": [ { "Name": "re", "Type": "RegularExpression", "Value": "v[0-9]+" } ] } ] },
            { "Name": "header", "Matches": [ { "QueryParams": [ { "Name": "animal", "Value": "whale" } ], "Headers": [ { "Name": "h", "Value": "1" } ] } ] },
            { "Name": "path", "Matches": [ { "Path": { "Value": "/p" } } ] },
            { "Name": "empty", "Matches": [ { "QueryParams": [ { "Name": "e", "Value": "" } ] } ] } ] }
        }
        """;

    private const string Query =
        """
        GET h /?animal=whale => whale
        GET h /x?animal=whale => whale
        GET h /?animal=dolphin => dolphin
        GET h /?a=b&animal=whale&c => whale
        # names and values as they are
        GET h /?Animal=whale => 404
        GET h /?animal=Whale => 404
        GET h /?animal=whales => 404
        GET h /?animal => 404
        GET h /?xanimal=whale => 404
        GET h / => 404
        # of a repeated parameter the first value counts
        GET h /?animal=whale&animal=dolphin => whale
        GET h /?animal=dolphin&animal=whale => dolphin
        GET h /?animal=shark&animal=whale => 404
        # more parameters first
        GET h /?animal=dolphin&color=blue => dolphin-blue
        GET h /?color=blue&animal=dolphin => dolphin-blue
        GET h /?color=blue => 404
        # equal rank: list order
        GET h /?animal=whale&color=green => whale
        GET h /?color=green => colors
        GET h /?color=red => colors
        GET h /?dup=1 => first
        GET h /?dup=2 => 404
        # decoded before they are compared
        GET h /?two%20words=a%20b => space
        GET h /?two+words=a+b => space
        GET h /?two%20words=a%2Bb => 404
        GET h /?anim%61l=wh%61le => whale
        GET h /?e= => empty
        GET h /?e => empty
        GET h /?re=v1 => expression
        GET h /?re=v => 404
        GET h /?re=xv1 => 404
        # headers come before query, a path before both
        GET h /?animal=whale [h: 1] => header
        GET h /p?animal=whale [h: 1] => path
        # a semicolon separates nothing
        GET h /?x;animal=whale => 404
        """;

    private const string TieRoutes =
        """
        {
          "b-route": { "Rules": [ { "Name": "b-0", "Matches": [ { "Path": { "Value": "/t" } } ] }, { "Name": "b-only", "Matches": [ { "Path": { "Value": "/b" } } ] } ] },
          "a-route": { "Rules": [
            { "Name": "a-0", "Matches": [ { "Path": { "Value": "/t" } } ] },
            { "Name": "a-1", "Matches": [ { "Path": { "Value": "/t" } } ] },
            { "Name": "a-2", "Matches": [ { "Path": { "Value": "/t" }, "Method": "PUT" } ] },
            { "Name": "a-3", "Matches": [ { "Path": { "Value": "/t/" } } ] } ] },
          "Z-route": { "Rules": [ { "Name": "z-0", "Matches": [ { "Path": { "Value": "/b" } } ] } ] },
          "no-backend": { "Rules": [ { "Name": "nobody", "Matches": [ { "Path": { "Value": "/nobody" } } ], "BackendRefs": [] },
                                     { "Name": "zero", "Matches": [ { "Path": { "Value": "/zero" } } ], "BackendRefs": [ { "Name": "b", "Weight": 0 } ] },
                                     { "Name": "unready", "Matches": [ { "Path": { "Value": "/unready" } } ], "BackendRefs": [ { "Name": "nowhere" } ] },
                                     { "Name": "direct", "Matches": [ { "Path": { "Value": "/direct" } } ], "Filters": [ { "Type": "DirectResponse", "DirectResponse": { "StatusCode": 418 } } ] },
                                     { "Name": "share", "Matches": [ { "Path": { "Value": "/share" } } ], "BackendRefs": [ { "Name": "nowhere", "Weight": 0 }, { "Name": "b", "Weight": 1 } ] } ] }
        }
        """;

    private const string Ties =
        """
        # the name of the route decides, then the order of its rules
        GET h /t => a-0
        GET h /t/ => a-0
        GET h /t/x => a-0
        PUT h /t => a-2
        PUT h /t/x => a-2
        GET h /b => z-0
        # no backend 500, no endpoint 503
        GET h /nobody => 500
        GET h /zero => 500
        GET h /unready => 503
        GET h /share => share
        GET h /direct => 418
        GET h /own => direct
        GET h /none => 404
        """;
}
