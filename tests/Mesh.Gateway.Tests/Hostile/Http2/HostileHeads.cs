using static Mesh.Gateway.Tests.Hostile.Http2.Http2Case;

namespace Mesh.Gateway.Tests.Hostile.Http2;

/// <summary>Header blocks that no client of good faith sends: RFC 9113, 8.1 to 8.5.</summary>
internal static class HostileHeads
{
    private static readonly (string, string?) Get = (":method", "GET");
    private static readonly (string, string?) Scheme = (":scheme", null);
    private static readonly (string, string?) Path = (":path", "/x");
    private static readonly (string, string?) Authority = (":authority", "shop.example");

    public static IEnumerable<Http2Case> All => [.. Pseudo, .. Hosts, .. Fields, .. Hops, .. Methods, .. Tunnels];

    private static IEnumerable<Http2Case> Pseudo =>
    [
        WithBlock("as it should be", "200/x", Get, Scheme, Path, Authority),
        WithBlock("in another order", "200/x", Authority, Path, Scheme, Get),
        WithBlock("a field in front of the last", "away 1", Get, Scheme, ("x-a", "1"), Path, Authority),
        WithBlock("a field in front of all", "away 1", ("x-a", "1"), Get, Scheme, Path, Authority),
        WithBlock(":method twice", "away 1", Get, (":method", "POST"), Scheme, Path, Authority),
        WithBlock(":path twice", "away 1", Get, Scheme, Path, (":path", "/admin"), Authority),
        WithBlock(":path twice, the protected one first", "away 1", Get, Scheme, (":path", "/admin"), Path, Authority),
        WithBlock(":scheme twice", "away 1", Get, Scheme, Scheme, Path, Authority),
        WithBlock(":authority twice", "away 1", Get, Scheme, Path, Authority, (":authority", "secret.example")),
        WithBlock("no :method", "reset 1", Scheme, Path, Authority),
        WithBlock("no :scheme", "reset 1", Get, Path, Authority),
        WithBlock("no :path", "reset 1", Get, Scheme, Authority),
        WithBlock("nothing", "reset 1"),
        WithBlock("unknown", "away 1", Get, Scheme, Path, Authority, (":foo", "1")),
        WithBlock("of a response", "away 1", Get, Scheme, Path, Authority, (":status", "200")),
        WithBlock("in capitals", "away 1", Get, Scheme, (":Path", "/x"), Authority),
        WithBlock("with a blank behind", "away 1", Get, Scheme, (":path ", "/admin"), Path, Authority),
        WithBlock("colon alone", "away 1", Get, Scheme, Path, Authority, (":", "1")),
        WithBlock("unknown :scheme", "reset 1", Get, (":scheme", "ftp"), Path, Authority),
        WithBlock(":scheme with a target", "reset 1", Get, (":scheme", "https://shop.example/admin?"), Path, Authority),
        WithBlock("empty :scheme", "reset 1", Get, (":scheme", ""), Path, Authority),
        new("the other :scheme", static scheme => Http2Frames.Headers(1, true, Head("GET", scheme == "http" ? "https" : "http", "/x")), "reset 1"),
    ];

    private static IEnumerable<Http2Case> Hosts =>
    [
        WithBlock("no host", "400", Get, Scheme, Path),
        WithBlock("host for :authority", "200/x", Get, Scheme, Path, ("host", "shop.example")),
        WithBlock("protected host for :authority", "403", Get, Scheme, Path, ("host", "secret.example")),
        WithBlock("host twice for :authority", "reset 1", Get, Scheme, Path, ("host", "shop.example"), ("host", "secret.example")),
        WithFields("another host", "200/x", [("host", "secret.example")]),
        WithFields("the same host", "200/x", [("host", "shop.example")]),
        WithFields("the same host in capitals", "200/x", [("host", "SHOP.example")]),
        WithFields("host twice", "200/x", [("host", "shop.example"), ("host", "shop.example")]),
        WithFields("host twice, one of them protected", "200/x", [("host", "shop.example"), ("host", "secret.example")]),
        WithFields("empty host", "200/x", [("host", "")]),
        WithBlock("protected :authority", "403", Get, Scheme, Path, (":authority", "secret.example")),
        WithBlock("protected :authority, host to be served", "403", Get, Scheme, Path, (":authority", "secret.example"), ("host", "shop.example")),
        WithBlock("unknown :authority", "421", Get, Scheme, Path, (":authority", "other.example")),
        WithBlock("unknown :authority, known host", "421", Get, Scheme, Path, (":authority", "other.example"), ("host", "shop.example")),
        WithBlock("empty :authority", "400", Get, Scheme, Path, (":authority", "")),
        WithBlock("empty :authority and a host", "200/x", Get, Scheme, Path, (":authority", ""), ("host", "shop.example")),
        WithBlock("empty :authority and a protected host", "403", Get, Scheme, Path, (":authority", ""), ("host", "secret.example")),
        WithBlock("user in :authority", "reset 1", Get, Scheme, Path, (":authority", "shop.example@secret.example")),
        WithBlock("path in :authority", "reset 1", Get, Scheme, Path, (":authority", "secret.example/shop.example")),
        WithBlock("two in :authority", "reset 1", Get, Scheme, Path, (":authority", "shop.example, secret.example")),
        WithBlock("line end in :authority", "away 1", Get, Scheme, Path, (":authority", "shop.example\r\nhost: secret.example")),
        WithBlock("NUL in :authority", "away 1", Get, Scheme, Path, (":authority", "shop.example\0")),
        WithBlock("no port in :authority", "400", Get, Scheme, Path, (":authority", "shop.example:99999")),
        WithBlock("letter outside ASCII in :authority", "away 1", Get, Scheme, Path, (":authority", "\u00e4.example")),
    ];

    private static IEnumerable<Http2Case> Fields =>
    [
        WithFields("capital in a name", "away 1", [("X-A", "1")]),
        WithFields("no name", "away 9", [("", "1")]),
        WithFields("blank in a name", "400", [("x a", "1")]),
        WithFields("blank behind a name", "400", [("transfer-encoding ", "chunked")]),
        WithFields("colon in a name", "400", [("x:a", "1")]),
        WithFields("a request in a name", "away 1", [("x: 1\r\n\r\nGET /admin HTTP/1.1\r\nhost: shop.example\r\ny", "1")]),
        WithFields("NUL in a name", "away 1", [("x\0a", "1")]),
        WithFields("letter outside ASCII in a name", "away 1", [("x-\u00e4", "1")]),
        WithFields("CR in a value", "away 1", [("x-a", "1\r2")]),
        WithFields("LF in a value", "away 1", [("x-a", "1\n2")]),
        WithFields("a request in a value", "away 1", [("x-a", "1\r\n\r\nGET /admin HTTP/1.1\r\nhost: shop.example\r\n\r\n")]),
        WithFields("a length in a value", "away 1", [("x-a", "1\r\ncontent-length: 100")]),
        WithFields("NUL in a value", "away 1", [("x-a", "1\02")]),
        WithFields("control character in a value", "400", [("x-a", "1\u00012")]),
        WithFields("DEL in a value", "400", [("x-a", "1\u007f2")]),
        WithFields("Latin-1 in a value", "away 1", [("x-a", "J\u00fcrgen")]),
        WithFields("blanks around a value", "400", [("x-a", " 1 ")]),
        WithFields("two cookies are one", "200/x", [("cookie", "a=1"), ("cookie", "b=2")], "Cookie: a=1; b=2"),
        WithFields("underscore", "200/x", [("x_forwarded_for", "6.6.6.6"), ("x-kept", "1")], "X_Forwarded_For", "X-Kept: 1"),
        WithFields("forged address", "200/x", [("x-forwarded-for", "6.6.6.6"), ("forwarded", "for=6.6.6.6"), ("x-real-ip", "6.6.6.6")], "X-Forwarded-For: 127.0.0.1", "Forwarded", "X-Real-IP"),
        WithFields("forged identity", "200/x", [("x-forwarded-client-cert", "By=spiffe://mesh.local/ns/default/sa/root"), ("mesh-attempt", "1")], "x-forwarded-client-cert", "mesh-attempt"),
        WithFields("own name in via", "508", [("via", "2.0 edge")]),
    ];

    private static IEnumerable<Http2Case> Hops =>
    [
        WithFields("connection", "away 1", [("connection", "close")]),
        WithFields("connection with a name", "away 1", [("connection", "x-secret"), ("x-secret", "1")]),
        WithFields("empty connection", "away 1", [("connection", "")]),
        WithFields("keep-alive", "400", [("keep-alive", "timeout=5")]),
        WithFields("proxy-connection", "400", [("proxy-connection", "keep-alive")]),
        WithFields("transfer-encoding", "400", [("transfer-encoding", "chunked")]),
        WithFields("transfer-encoding of another kind", "400", [("transfer-encoding", "gzip")]),
        WithFields("empty transfer-encoding", "400", [("transfer-encoding", "")]),
        Post("transfer-encoding and chunks", "400", [("transfer-encoding", "chunked")], Http2Frames.Data(1, $"0\r\n\r\n{HostileRequest.Smuggled}")),
        Post("transfer-encoding and a length", "400", [("transfer-encoding", "chunked"), ("content-length", "5")], Http2Frames.Data(1, "0\r\n\r\n")),
        WithFields("upgrade", "400", [("upgrade", "websocket")]),
        WithFields("upgrade to h2c", "400", [("upgrade", "h2c"), ("http2-settings", "AAMAAABkAAQCAAAAAAIAAAAA")]),
        WithFields("http2-settings alone ends here", "200/x", [("http2-settings", "AAMAAABkAAQCAAAAAAIAAAAA")], "HTTP2-Settings"),
        WithFields("te of another kind", "away 1", [("te", "gzip")]),
        WithFields("te of two kinds", "away 1", [("te", "trailers, gzip")]),
        WithFields("te", "200/x", [("te", "trailers")], "TE: trailers"),
    ];

    private static IEnumerable<Http2Case> Methods =>
    [
        Method("", "reset 1"),
        Method("G T", "reset 1"),
        Method("GET /admin HTTP/1.1\r\nhost: shop.example\r\n\r\n", "away 1"),
        Method("G\0T", "away 1"),
        Method("GET,POST", "reset 1"),
        Method("TRACE", "405"),
        Method("TRACK", "405"),
        Method("PRI", "200/x"),
        Method("get", "200/x"),
        WithBlock("HEAD of the protected path", "403", (":method", "HEAD"), Scheme, (":path", "/admin"), Authority),
        WithBlock("OPTIONS of the protected path", "403", (":method", "OPTIONS"), Scheme, (":path", "/admin"), Authority),
    ];

    private static IEnumerable<Http2Case> Tunnels =>
    [
        WithBlock("CONNECT", "405", (":method", "CONNECT"), (":authority", "secret.example:443")),
        WithBlock("CONNECT with a path", "reset 1", (":method", "CONNECT"), Scheme, Path, Authority),
        WithBlock("CONNECT without a host", "405", (":method", "CONNECT")),
        WithBlock("extended CONNECT of the protected path", "403", (":method", "CONNECT"), (":protocol", "websocket"), Scheme, (":path", "/admin"), Authority),
        WithBlock("extended CONNECT to a service that has no WebSocket", "502/x", (":method", "CONNECT"), (":protocol", "websocket"), Scheme, Path, Authority),
        WithBlock("extended CONNECT of another protocol", "501", (":method", "CONNECT"), (":protocol", "connect-udp"), Scheme, Path, Authority),
        WithBlock("extended CONNECT of no protocol", "reset 1", (":method", "CONNECT"), (":protocol", ""), Scheme, Path, Authority),
        WithBlock("extended CONNECT of two lines", "away 1", (":method", "CONNECT"), (":protocol", "websocket\r\nx: y"), Scheme, Path, Authority),
        WithBlock("extended CONNECT without a path", "reset 1", (":method", "CONNECT"), (":protocol", "websocket"), Scheme, Authority),
        WithBlock("protocol without CONNECT", "reset 1", Get, (":protocol", "websocket"), Scheme, Path, Authority),
    ];

    private static Http2Case Method(string method, string expected) =>
        WithBlock($"method '{method}'", expected, (":method", method), Scheme, Path, Authority);
}
