namespace Mesh.Gateway.Tests.Routing;

internal static partial class RoutingTables
{
    private const string RewriteRoutes =
        """
        {
          "r": { "Rules": [
            { "Name": "prefix", "Matches": [ { "Path": { "Value": "/foo" } } ], "Filters": [ { "Type": "URLRewrite", "URLRewrite": { "Path": { "Type": "ReplacePrefixMatch", "ReplacePrefixMatch": "/xyz" } } } ] },
            { "Name": "slash", "Matches": [ { "Path": { "Value": "/foo2" } } ], "Filters": [ { "Type": "URLRewrite", "URLRewrite": { "Path": { "Type": "ReplacePrefixMatch", "ReplacePrefixMatch": "/xyz/" } } } ] },
            { "Name": "match-slash", "Matches": [ { "Path": { "Value": "/foo3/" } } ], "Filters": [ { "Type": "URLRewrite", "URLRewrite": { "Path": { "Type": "ReplacePrefixMatch", "ReplacePrefixMatch": "/xyz" } } } ] },
            { "Name": "root", "Matches": [ { "Path": { "Value": "/foo4" } } ], "Filters": [ { "Type": "URLRewrite", "URLRewrite": { "Path": { "Type": "ReplacePrefixMatch", "ReplacePrefixMatch": "/" } } } ] },
            { "Name": "full", "Matches": [ { "Path": { "Value": "/full" } } ], "Filters": [ { "Type": "URLRewrite", "URLRewrite": { "Path": { "Type": "ReplaceFullPath", "ReplaceFullPath": "/one/two" } } } ] },
            { "Name": "host", "Matches": [ { "Path": { "Value": "/host" } } ], "Filters": [ { "Type": "URLRewrite", "URLRewrite": { "Hostname": "elsewhere.example" } } ] },
            { "Name": "both", "Matches": [ { "Path": { "Value": "/both" } } ], "Filters": [ { "Type": "URLRewrite", "URLRewrite": { "Hostname": "elsewhere.example", "Path": { "Type": "ReplacePrefixMatch", "ReplacePrefixMatch": "/new" } } } ] } ] }
        }
        """;

    private const string Rewrites =
        """
        # the table of HTTPPathModifier
        GET h /foo/bar => prefix /xyz/bar
        GET h /foo => prefix /xyz
        GET h /foo/ => prefix /xyz/
        GET h /foo2/bar => slash /xyz/bar
        GET h /foo2 => slash /xyz
        GET h /foo2/ => slash /xyz/
        GET h /foo3/bar => match-slash /xyz/bar
        GET h /foo3 => match-slash /xyz
        GET h /foo3/ => match-slash /xyz/
        GET h /foo4/bar => root /bar
        GET h /foo4/ => root /
        GET h /foo4 => root /
        # the query stays, the rest is not touched
        GET h /foo/bar?x=/foo => prefix /xyz/bar?x=/foo
        GET h /foo?a=b&c => prefix /xyz?a=b&c
        GET h /foo/a%20b => prefix /xyz/a%20b
        GET h /foo/foo/foo => prefix /xyz/foo/foo
        GET h /full => full /one/two
        GET h /full/anything?q=1 => full /one/two?q=1
        GET h /host/x => host /host/x elsewhere.example
        GET h /both/x => both /new/x elsewhere.example
        """;

    private const string RedirectRoutes =
        """
        {
          "r": { "Rules": [
            { "Name": "host", "Matches": [ { "Path": { "Value": "/host" } } ], "Filters": [ { "Type": "RequestRedirect", "RequestRedirect": { "Hostname": "example.org" } } ] },
            { "Name": "status", "Matches": [ { "Path": { "Value": "/status" } } ], "Filters": [ { "Type": "RequestRedirect", "RequestRedirect": { "Hostname": "example.org", "StatusCode": 301 } } ] },
            { "Name": "https", "Matches": [ { "Path": { "Value": "/https" } } ], "Filters": [ { "Type": "RequestRedirect", "RequestRedirect": { "Scheme": "https" } } ] },
            { "Name": "port", "Matches": [ { "Path": { "Value": "/port" } } ], "Filters": [ { "Type": "RequestRedirect", "RequestRedirect": { "Port": 8083 } } ] },
            { "Name": "port80", "Matches": [ { "Path": { "Value": "/port80" } } ], "Filters": [ { "Type": "RequestRedirect", "RequestRedirect": { "Scheme": "http", "Port": 80 } } ] },
            { "Name": "port443", "Matches": [ { "Path": { "Value": "/port443" } } ], "Filters": [ { "Type": "RequestRedirect", "RequestRedirect": { "Scheme": "https", "Port": 443 } } ] },
            { "Name": "port8443", "Matches": [ { "Path": { "Value": "/port8443" } } ], "Filters": [ { "Type": "RequestRedirect", "RequestRedirect": { "Scheme": "https", "Port": 8443, "StatusCode": 308 } } ] },
            { "Name": "prefix", "Matches": [ { "Path": { "Value": "/prefix" } } ], "Filters": [ { "Type": "RequestRedirect", "RequestRedirect": { "Path": { "Type": "ReplacePrefixMatch", "ReplacePrefixMatch": "/new" } } } ] },
            { "Name": "full", "Matches": [ { "Path": { "Value": "/full" } } ], "Filters": [ { "Type": "RequestRedirect", "RequestRedirect": { "StatusCode": 303, "Path": { "Type": "ReplaceFullPath", "ReplaceFullPath": "/all" } } } ] } ] }
        }
        """;

    private const string Redirects =
        """
        # the port of the listener where nothing else is said, and those that go without saying left out
        GET a.example:80 /host/x => 302 http://example.org/host/x
        GET a.example /host?q=1 => 302 http://example.org/host?q=1
        GET a.example:8080 /host => 302 http://example.org:8080/host
        GET a.example /status => 301 http://example.org/status
        GET a.example /https/x => 302 https://a.example/https/x
        GET a.example:8080 /https => 302 https://a.example/https
        GET a.example /port => 302 http://a.example:8083/port
        GET a.example:9 /port => 302 http://a.example:8083/port
        GET a.example:9 /port80 => 302 http://a.example/port80
        GET a.example:9 /port443 => 302 https://a.example/port443
        GET a.example /port8443 => 308 https://a.example:8443/port8443
        GET a.example /prefix/x/y?z => 302 http://a.example/new/x/y?z
        GET a.example /prefix => 302 http://a.example/new
        GET a.example /full/x?y => 303 http://a.example/all?y
        POST a.example /full => 303 http://a.example/all
        """;

    private const string ListenerMembers =
        """
        "Listeners": {
          "exact": { "Hostname": "foo.example" },
          "wild": { "Hostname": "*.foo.example", "Protocol": "HTTP" },
          "wide": { "Hostname": "*.example" },
          "tls": { "Hostname": "tls.test", "Protocol": "HTTPS" } },
        """;

    private const string ListenerRoutes =
        """
        {
          "on-exact": { "ParentRefs": [ { "Name": "gw", "SectionName": "exact" } ], "Rules": [ { "Name": "on-exact", "Matches": [ { "Path": { "Value": "/exact" } } ] } ] },
          "on-wild": { "ParentRefs": [ { "SectionName": "wild" } ], "Rules": [ { "Name": "on-wild", "Matches": [ { "Path": { "Value": "/wild" } } ] } ] },
          "on-wide": { "ParentRefs": [ { "SectionName": "wide" } ], "Rules": [ { "Name": "on-wide", "Matches": [ { "Path": { "Value": "/wide" } } ] } ] },
          "everywhere": { "Rules": [ { "Name": "everywhere", "Matches": [ { "Path": { "Value": "/all" } } ] } ] },
          "narrower": { "Hostnames": [ "bar.example", "x.foo.example", "none.org" ], "Rules": [ { "Name": "narrower", "Matches": [ { "Path": { "Value": "/n" } } ] } ] },
          "wider": { "Hostnames": [ "*.example" ], "Rules": [ { "Name": "wider", "Matches": [ { "Path": { "Value": "/w" } } ] } ] }
        }
        """;

    private const string ListenerCases =
        """
        # a request belongs to the most specific listener, and only its routes are asked
        GET foo.example /exact => on-exact
        GET foo.example /wide => 404
        GET foo.example /wild => 404
        GET a.foo.example /wild => on-wild
        GET a.b.foo.example /wild => on-wild
        GET a.foo.example /exact => 404
        GET a.foo.example /wide => 404
        GET bar.example /wide => on-wide
        GET a.bar.example /wide => on-wide
        GET bar.example /exact => 404
        GET bar.example /wild => 404
        # without ParentRefs a route hangs on every listener
        GET foo.example /all => everywhere
        GET a.foo.example /all => everywhere
        GET bar.example /all => everywhere
        GET bar.example:8080 /all => everywhere
        # under the names it has in common with each
        GET bar.example /n => narrower
        GET x.foo.example /n => narrower
        GET y.foo.example /n => 404
        GET foo.example /n => 404
        GET baz.example /n => 404
        GET foo.example /w => wider
        GET a.foo.example /w => wider
        GET baz.example /w => wider
        # no listener takes it
        GET none.org /n => 404
        GET example /all => 404
        GET tls.test /all => 404
        """;

    private const string GrpcRoutes =
        """
        {
          "orders": { "Hostnames": [ "shop.example" ], "Rules": [
            { "Name": "place", "Matches": [ { "Method": { "Service": "shop.v1.Orders", "Method": "Place" } } ] },
            { "Name": "service", "Matches": [ { "Method": { "Service": "shop.v1.Orders" } } ] },
            { "Name": "method", "Matches": [ { "Method": { "Method": "Ping" } } ] },
            { "Name": "expression", "Matches": [ { "Method": { "Type": "RegularExpression", "Service": "shop\\.v[0-9]+\\.Stock" } } ] },
            { "Name": "expression-method", "Matches": [ { "Method": { "Type": "RegularExpression", "Service": "shop\\.v[0-9]+\\.Stock", "Method": "(Get|List).*" } } ] },
            { "Name": "canary", "Matches": [ { "Method": { "Service": "shop.v1.Orders" }, "Headers": [ { "Name": "canary", "Value": "1" } ] } ] },
            { "Name": "canary-place", "Matches": [ { "Method": { "Service": "shop.v1.Orders", "Method": "Place" }, "Headers": [ { "Name": "canary", "Value": "1" } ] } ] },
            { "Name": "tie", "Matches": [ { "Method": { "Service": "shop.v1.Orders", "Method": "Place" } } ] },
            { "Name": "nobody", "Matches": [ { "Method": { "Service": "shop.v1.Nobody" } } ], "BackendRefs": [] },
            { "Name": "unready", "Matches": [ { "Method": { "Service": "shop.v1.Unready" } } ], "BackendRefs": [ { "Name": "nowhere" } ] } ] },
          "all": { "Hostnames": [ "*.all.example" ], "Rules": [ { "Name": "all" } ] }
        }
        """;

    private const string GrpcCases =
        """
        GRPC shop.example /shop.v1.Orders/Place => place
        GRPC shop.example /shop.v1.Orders/Cancel => service
        GRPC shop.example:80 /shop.v1.Orders/Cancel => service
        # service and method are case-sensitive
        GRPC shop.example /shop.v1.orders/Place => grpc 12
        GRPC shop.example /shop.v1.Orders/place => service
        # characters of the service come before those of the method
        GRPC shop.example /shop.v1.Orders/Ping => service
        GRPC shop.example /shop.v9.Other/Ping => method
        # headers decide between equals
        GRPC shop.example /shop.v1.Orders/Place [canary: 1] => canary-place
        GRPC shop.example /shop.v1.Orders/Cancel [canary: 1] => canary
        GRPC shop.example /shop.v1.Orders/Cancel [canary: 2] => service
        # expressions hold for the whole name
        GRPC shop.example /shop.v2.Stock/Put => expression
        GRPC shop.example /shop.v2.Stock/GetAll => expression-method
        GRPC shop.example /shop.v2.Stock/List => expression-method
        GRPC shop.example /shop.v2.Stocks/GetAll => grpc 12
        GRPC shop.example /shopXv2.Stock/GetAll => grpc 12
        # nothing takes it: UNIMPLEMENTED
        GRPC shop.example /shop.v1.Other/Do => grpc 12
        GRPC shop.example / => grpc 12
        GRPC shop.example /shop.v1.Orders => grpc 12
        GRPC shop.example /shop.v1.Orders/Place/x => grpc 12
        GRPC other.example /shop.v1.Orders/Place => grpc 12
        GRPC x.all.example /any.Service/Do => all
        GRPC all.example /any.Service/Do => grpc 12
        # nobody there: UNAVAILABLE
        GRPC shop.example /shop.v1.Nobody/Do => grpc 14
        GRPC shop.example /shop.v1.Unready/Do => grpc 14
        # what is not gRPC is not taken
        POST shop.example /shop.v1.Orders/Place => 404
        GET x.all.example /any.Service/Do => 404
        """;
}
