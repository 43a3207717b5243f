using static Mesh.Gateway.Tests.Hostile.HostileRequest;

namespace Mesh.Gateway.Tests.Hostile;

/// <summary>Header fields that lie, and more of everything than anybody needs.</summary>
internal static class HostileFields
{
    public static IEnumerable<HostileRequest> All => [.. Hosts, .. Forged, .. Syntax, .. Hops, .. Methods, .. Sizes];

    private static IEnumerable<HostileRequest> Hosts =>
    [
        new("no Host", $"GET /x HTTP/1.1\r\n{Close}\r\n", "400"),
        new("Host twice", $"GET /x HTTP/1.1\r\n{Host}Host: secret.example\r\n{Close}\r\n", "400"),
        new("Host twice, the same", $"GET /x HTTP/1.1\r\n{Host}{Host}{Close}\r\n", "400"),
        WithHost("secret.example", "403"),
        WithHost("SECRET.example", "403"),
        WithHost("secret.example:80", "403"),
        WithHost("secret.example.", "403"),
        WithHost("other.example", "421"),
        WithHost("", "400"),
        WithHost("shop.example@secret.example", "400"),
        WithHost("shop.example/x", "400"),
        WithHost("shop.example, secret.example", "400"),
        WithHost("shop.example secret.example", "400"),
        WithHost("shop.example:80:81", "400"),
        WithHost("shop.example:", "400"),
        WithHost("shop.example:99999", "400"),
        WithHost("shop.example:port", "400"),
        WithHost("shop.example%00", "400"),
        WithHost("shop.example\\x", "400"),
        WithHost("shop.example#x", "400"),
        WithHost("[::1", "400"),
        WithHost("[::1]x", "400"),
        WithHost("\u00e4.example", "400"),
        WithHost("127.0.0.1", "421"),
        new("HTTP/1.0 without a Host", "GET /x HTTP/1.0\r\n\r\n", "421"),
        new("HTTP/1.0 with an empty Host", "GET /x HTTP/1.0\r\nHost:\r\n\r\n", "400"),
    ];

    private static IEnumerable<HostileRequest> Forged =>
    [
        WithFields("X-Forwarded-For", "X-Forwarded-For: 6.6.6.6", "200/x", "X-Forwarded-For: 127.0.0.1"),
        WithFields("X-Forwarded-For twice", "X-Forwarded-For: 6.6.6.6\r\nx-forwarded-for: 7.7.7.7", "200/x", "X-Forwarded-For: 127.0.0.1"),
        WithFields("X-Forwarded-Host", "X-Forwarded-Host: secret.example", "200/x", "X-Forwarded-Host: shop.example"),
        WithFields("X-Forwarded-Proto", "X-Forwarded-Proto: https", "200/x", "X-Forwarded-Proto: http"),
        WithFields("x-forwarded-client-cert", "x-forwarded-client-cert: By=spiffe://mesh.local/ns/default/sa/root", "200/x", "x-forwarded-client-cert"),
        .. ((string[])
        [
            "Forwarded", "X-Forwarded-Prefix", "X-Forwarded-Port", "X-Forwarded-Server", "X-Forwarded-User", "X-Forwarded-Groups", "X-Forwarded-Email", "X-Forwarded-Access-Token", "X-Real-IP", "X-Client-IP", "X-Cluster-Client-IP",
            "True-Client-IP", "CF-Connecting-IP", "Fastly-Client-IP", "X-ProxyUser-Ip", "X-Original-URL", "X-Original-Host", "X-Original-Forwarded-For", "X-Rewrite-URL", "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Envoy-Original-Path",
            "X-Envoy-External-Address", "mesh-attempt", "mesh-criticality", "mesh-fault-abort", "MESH-Anything", "Proxy", "Proxy-Authorization", "Proxy-Connection", "Keep-Alive", "traceparent", "tracestate", "baggage",
        ]).Select(static name => WithFields(name, $"{name}: 6.6.6.6", "200/x", name)),
        WithFields("underscore", "X_Forwarded_For: 6.6.6.6\r\nX_User: root\r\n_: y", "200/x", "X_Forwarded_For", "X_User", "_"),
        WithFields("underscore and hyphen", "X-User_Id: 1\r\nX-Kept: 1", "200/x", "X-User_Id", "X-Kept: 1"),
        WithFields("pseudo-header", ":path: /admin\r\nX-Kept: 1", "400"),
    ];

    private static IEnumerable<HostileRequest> Syntax =>
    [
        WithFields("NUL in a value", "X-A: a\0b", "400"),
        WithFields("NUL in a name", "X\0A: b", "400"),
        WithFields("blank in a name", "X A: b", "400"),
        WithFields("blank before the colon", "X-A : b", "400"),
        WithFields("tab before the colon", "X-A\t: b", "400"),
        WithFields("no name", ": b", "400"),
        WithFields("no colon", "X-A", "400"),
        WithFields("letter outside ASCII in a name", "X-\u00c4: b", "400"),
        WithFields("bracket in a name", "X(A): b", "400"),
        WithFields("quote in a name", "X\"A: b", "400"),
        WithFields("slash in a name", "X/A: b", "400"),
        WithFields("control character in a value", "X-A: a\u0001b", "400"),
        WithFields("escape character in a value", "X-A: a\u001b[2Jb", "400"),
        WithFields("DEL in a value", "X-A: a\u007fb", "400"),
        WithFields("Latin-1 in a value", "X-A: J\u00fcrgen", "400"),
        WithFields("UTF-8 in a value", "X-A: J\u00c3\u00bcrgen", "400"),
        WithFields("tab in a value stays", "X-A: a\tb", "200/x", "X-A: a\tb"),
        WithFields("blanks around a value go", "X-A: \t a \t ", "200/x", "X-A: a"),
        WithFields("empty value", "X-A:", "200/x"),
        WithFields("long run of one field", string.Join("\r\n", Enumerable.Range(0, 50).Select(static i => $"X-A: {i}")), "200/x"),
    ];

    private static IEnumerable<HostileRequest> Hops =>
    [
        WithFields("named in Connection", "Connection: X-Secret\r\nX-Secret: 1\r\nX-Kept: 2", "200/x", "X-Secret", "X-Kept: 2", "Connection"),
        WithFields("Authorization named in Connection", "Connection: authorization , x\r\nAuthorization: Bearer x", "200/x", "Authorization"),
        WithFields("ours named in Connection", "Connection: close, X-Forwarded-For, Via, X-Forwarded-Proto", "200/x", "X-Forwarded-For: 127.0.0.1", "Via: 1.1 edge", "X-Forwarded-Proto: http"),
        WithFields("Host named in Connection", "Connection: close, Host", "200/x", "X-Forwarded-Host: shop.example"),
        WithFields("Connection twice", "Connection: X-Other\r\nConnection: X-Secret\r\nX-Secret: 1", "200/x", "X-Secret"),
        WithFields("Connection of odd syntax", "Connection: close,,;x, \"X-Kept\"\r\nX-Kept: 1", "200/x", "X-Kept: 1"),
        WithFields("TE", "TE: gzip, trailers;q=0.5, deflate", "200/x", "TE: trailers"),
        WithFields("Trailer", "Trailer: Authorization", "200/x", "Trailer"),
        WithFields("Upgrade without Connection", "Upgrade: websocket", "200/x", "Upgrade"),
        WithFields("Via of ourselves is a loop", "Via: 1.1 edge", "508"),
        WithFields("Via of ourselves among others is a loop", "Via: 2.0 other, 1.1 EDGE (x, y), 1.1 more", "508"),
        WithFields("Via of ourselves without a version is no loop", "Via: edge", "200/x"),
        WithFields("our name in a comment of Via is no loop", "Via: 1.1 other (1.1 edge)", "200/x"),
        WithFields("Range of many pieces stays with the service", "Range: bytes=0-,1-,2-,3-,4-", "200/x", "Range: bytes=0-,1-,2-,3-,4-"),
    ];

    private static IEnumerable<HostileRequest> Methods =>
    [
        Method("TRACE", "/x", "405"),
        Method("trace", "/x", "405"),
        Method("TRACK", "/x", "405"),
        Method("DEBUG", "/x", "200/x"),
        Method("CONNECT", "secret.example:443", "405"),
        Method("CONNECT", "/x", "405"),
        Method("OPTIONS", "*", "400"),
        Method("get", "/x", "200/x"),
        Method("PRI", "*", "405"),
        Method("FOO", "/admin", "403"),
        Method("G\u0001T", "/x", "400"),
        Method("GET,POST", "/x", "400"),
        Method("HEAD", "/admin", "403"),
        Method("OPTIONS", "/admin", "403"),
        WithFields("method override", "X-HTTP-Method-Override: DELETE", "200/x", "X-HTTP-Method-Override"),
        new("Max-Forwards used up", $"OPTIONS /x HTTP/1.1\r\n{Host}{Close}Max-Forwards: 0\r\n\r\n", "200"),
        new("Max-Forwards", $"OPTIONS /x HTTP/1.1\r\n{Host}{Close}Max-Forwards: 7\r\n\r\n", "200/x", "Max-Forwards: 6"),
    ];

    private static IEnumerable<HostileRequest> Sizes =>
    [
        Get("target above 8 KB", $"/{new string('a', 9000)}", "414"),
        Get("target that becomes too long", $"/{new string('|', 4000)}", "400"),
        Get("many dot segments", string.Concat(Enumerable.Repeat("/..", 2000)) + "/admin", "403"),
        Get("many slashes", new string('/', 6000) + "admin", "403"),
        WithFields("101 fields", string.Join("\r\n", Enumerable.Range(0, 101).Select(static i => $"X-{i}: 1")), "431"),
        WithFields("40 KB of fields", $"X-A: {new string('a', 40_000)}", "431"),
        WithFields("long name", $"X-{new string('a', 40_000)}: 1", "431"),
        new("long method", $"{new string('A', 10_000)} /x HTTP/1.1\r\n{Host}\r\n", "414"),
        Post("announced body above the limit", "Expect: 100-continue\r\nContent-Length: 60000000", "", "413"),
        Post("unknown expectation", $"{Close}Expect: 200-ok\r\nContent-Length: 0", "", "200/x", "Expect"),
    ];

    private static HostileRequest WithHost(string host, string expected) => new($"Host '{host}'", $"GET /x HTTP/1.1\r\nHost: {host}\r\n{Close}\r\n", expected);

    private static HostileRequest Method(string method, string target, string expected) =>
        new($"{method} {target}", $"{method} {target} HTTP/1.1\r\nHost: {(target[0] is '/' or '*' ? "shop.example" : target)}\r\n{Close}\r\n", expected);
}
