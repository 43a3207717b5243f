using static Mesh.Gateway.Tests.Hostile.Http2.Http2Case;
using static Mesh.Gateway.Tests.Hostile.Http2.Http2Frames;

namespace Mesh.Gateway.Tests.Hostile.Http2;

/// <summary>Frames in the wrong place, of the wrong size, and bodies that are not as long as announced: RFC 9113, 4 to 6 and 8.1.</summary>
internal static class HostileFrames
{
    public static IEnumerable<Http2Case> All => [.. Lengths, .. Trailers, .. States, .. Sizes, .. Windows];

    private static IEnumerable<Http2Case> Lengths =>
    [
        Post("as long as announced", "200/x", [("content-length", "3")], Data(1, "abc")),
        Post("in two pieces", "200/x", [("content-length", "3")], Data(1, "a", ends: false), Data(1, "bc")),
        Post("less than announced", "reset 1", [("content-length", "10")], Data(1, "abc")),
        Post("less than announced, nothing", "reset 1", [("content-length", "10")], Data(1, "")),
        Post("more than announced", "reset 1", [("content-length", "1")], Data(1, $"a{HostileRequest.Smuggled}")),
        Post("more than announced, in pieces", "reset 1", [("content-length", "1")], Data(1, "a", ends: false), Data(1, HostileRequest.Smuggled)),
        Post("a request behind a length of 0", "reset 1", [("content-length", "0")], Data(1, HostileRequest.Smuggled)),
        WithFields("a length without a body", "reset 1", [("content-length", "44")]),
        WithFields("a length of 0 without a body", "200/x", [("content-length", "0")]),
        Post("two lengths", "away 1", [("content-length", "3"), ("content-length", "4")], Data(1, "abc")),
        Post("two equal lengths", "away 1", [("content-length", "3"), ("content-length", "3")], Data(1, "abc")),
        Post("a list of lengths", "away 1", [("content-length", "3, 3")], Data(1, "abc")),
        Post("length with a sign", "200/x", [("content-length", "+3")], Data(1, "abc")),
        Post("negative length", "away 1", [("content-length", "-3")], Data(1, "abc")),
        Post("hexadecimal length", "away 1", [("content-length", "0x3")], Data(1, "abc")),
        Post("empty length", "away 1", [("content-length", "")], Data(1, "abc")),
        Post("length over 64 bits", "away 1", [("content-length", "18446744073709551619")], Data(1, "abc")),
        Post("length with blanks", "away 1", [("content-length", " 3 ")], Data(1, "abc")),
        Post("announced body above the limit", "413", [("content-length", "60000000")], Data(1, "abc", ends: false)),
        Post("a request as a body", "200/x", [], Data(1, HostileRequest.Smuggled)),
        Post("many empty frames", "200/x", [], [.. Enumerable.Repeat(Data(1, "", ends: false), 50), Data(1, "a")]),
    ];

    private static IEnumerable<Http2Case> Trailers =>
    [
        Post("a trailer", "200/x", [], Data(1, "abc", ends: false), Headers(1, true, ("x-sum", "1"))),
        Post("pseudo-header in a trailer", "away 1", [], Data(1, "abc", ends: false), Headers(1, true, (":path", "/admin"))),
        Post("unknown pseudo-header in a trailer", "away 1", [], Data(1, "abc", ends: false), Headers(1, true, (":x", "1"))),
        Post("capital in a trailer", "away 1", [], Data(1, "abc", ends: false), Headers(1, true, ("X-Sum", "1"))),
        Post("line end in a trailer", "200/x", [], Data(1, "abc", ends: false), Headers(1, true, ("x-sum", "1\r\nx: y"))),
        Post("trailer that is not the end", "away 1", [], Data(1, "abc", ends: false), Headers(1, false, ("x-sum", "1"))),
        Post("length in a trailer", "200/x", [], Data(1, "abc", ends: false), Headers(1, true, ("content-length", "100"))),
        Post("encoding in a trailer", "200/x", [], Data(1, "abc", ends: false), Headers(1, true, ("transfer-encoding", "chunked"))),
        Post("host in a trailer", "200/x", [], Data(1, "abc", ends: false), Headers(1, true, ("host", "secret.example"))),
        Post("less than announced, and a trailer", "reset 1, away 1", [("content-length", "10")], Data(1, "abc", ends: false), Headers(1, true, ("x-sum", "1"))),
    ];

    private static IEnumerable<Http2Case> States =>
    [
        Raw("DATA on an idle stream", "away 1", Data(1, "abc")),
        Raw("DATA on stream 0", "away 1", Data(0, "abc")),
        Raw("DATA on an even stream", "away 1", Data(2, "abc")),
        Raw("RST_STREAM on an idle stream", "away 1", Reset(1)),
        Raw("WINDOW_UPDATE on an idle stream", "away 1", Window(1, 1)),
        Raw("CONTINUATION on its own", "away 1", Continuation(1, true, [0x82])),
        Raw("PUSH_PROMISE", "away 1", Frame(5, EndHeaders, 1, [0, 0, 0, 2, 0x82])),
        Raw("SETTINGS on a stream", "away 1", Frame(4, 0, 1, [])),
        Raw("PING on a stream", "away 1", Frame(6, 0, 1, new byte[8])),
        Raw("GOAWAY on a stream", "away 1", Frame(7, 0, 1, new byte[8])),
        Raw("unknown frame is left out", "", Frame(99, 255, 1, [1, 2, 3])),
        new("HEADERS on stream 0", static scheme => Headers(0, true, Head("GET", scheme, "/x")), "away 1"),
        new("HEADERS on an even stream", static scheme => Headers(2, true, Head("GET", scheme, "/x")), "away 1"),
        new("HEADERS on a lower stream", static scheme => [.. Headers(3, true, Head("GET", scheme, "/x")), .. Headers(1, true, Head("GET", scheme, "/x"))], "away 5"),
        new("HEADERS within a header block", static scheme => [.. Frame(1, EndStream, 1, Fields(Head("GET", scheme, "/x"))), .. Headers(3, true, Head("GET", scheme, "/x"))], "away 1"),
        new("CONTINUATION of another stream", static scheme => [.. Frame(1, EndStream, 1, Fields(Head("GET", scheme, "/x"))), .. Continuation(3, true, [])], "away 1"),
        new("PING within a header block", static scheme => [.. Frame(1, EndStream, 1, Fields(Head("GET", scheme, "/x"))), .. Frame(6, 0, 0, new byte[8])], "away 1"),
        new("a field in two frames", static scheme => [.. Frame(1, EndStream, 1, Fields(Head("GET", scheme, "/x")).AsSpan(0, 10)), .. Continuation(1, true, Fields(Head("GET", scheme, "/x")).AsSpan(10))], "200/x"),
        new("DATA behind the end", static scheme => [.. Headers(1, true, Head("GET", scheme, "/x")), .. Data(1, HostileRequest.Smuggled)], "away 5"),
        new("HEADERS behind the end", static scheme => [.. Headers(1, true, Head("GET", scheme, "/x")), .. Headers(1, true, Head("GET", scheme, "/admin"))], "away 5"),
        Behind("DATA behind a reset", "away 5", Reset(1), Data(1, "abc")),
        Behind("HEADERS behind a reset", "away 5", Reset(1), Headers(1, true, Head("GET", "http", "/admin"))),
        Behind("PRIORITY of a stream on itself", "away 1", Frame(2, 0, 1, [0, 0, 0, 1, 0])),
        new("HEADERS that depend on themselves", static scheme => Frame(1, EndStream | EndHeaders | Priority, 1, [0, 0, 0, 1, 0, .. Fields(Head("GET", scheme, "/x"))]), "away 1"),
    ];

    private static IEnumerable<Http2Case> Sizes =>
    [
        Behind("DATA above 16 KB", "away 6", Data(1, new string('a', 20_000))),
        Raw("frame of 16 MB is announced", "away 6", [0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1]),
        new("HEADERS above 16 KB", static scheme => Headers(1, true, [.. Head("GET", scheme, "/x"), ("x-a", new string('a', 20_000))]), "away 6"),
        Raw("SETTINGS of 5 bytes", "away 6", Frame(4, 0, 0, new byte[5])),
        Raw("SETTINGS that confirm and say something", "away 6", Frame(4, 1, 0, new byte[6])),
        Raw("PING of 7 bytes", "away 6", Frame(6, 0, 0, new byte[7])),
        Raw("GOAWAY of 4 bytes", "away 6", Frame(7, 0, 0, new byte[4])),
        Behind("RST_STREAM of 3 bytes", "away 6", Frame(3, 0, 1, new byte[3])),
        Behind("PRIORITY of 4 bytes", "away 6", Frame(2, 0, 1, new byte[4])),
        Behind("WINDOW_UPDATE of 3 bytes", "away 6", Frame(8, 0, 1, new byte[3])),
        Behind("DATA of padding only", "200/x", Frame(0, Padded | EndStream, 1, [3, 0, 0, 0])),
        Behind("DATA with more padding than bytes", "away 1", Frame(0, Padded | EndStream, 1, [9, 0, 0])),
        Behind("DATA without the length of its padding", "away 6", Frame(0, Padded | EndStream, 1, [])),
        Raw("HEADERS with more padding than bytes", "away 1", Frame(1, Padded | EndStream | EndHeaders, 1, [200, 0x82])),
        Raw("HEADERS without their priority", "away 6", Frame(1, Priority | EndStream | EndHeaders, 1, [0, 0])),
        Raw("frames above 16 MB wanted", "away 1", Settings((5, 1 << 24))),
        Raw("frames below 16 KB wanted", "away 1", Settings((5, 100))),
        Raw("push of 2 wanted", "away 1", Settings((2, 2))),
        Raw("unknown setting is left out", "", Settings((0x99, 1))),
    ];

    private static IEnumerable<Http2Case> Windows =>
    [
        Raw("window of the connection by 0", "away 1", Window(0, 0)),
        Behind("window of a stream by 0", "away 1", Window(1, 0)),
        Raw("window of the connection above 2 GB", "away 3", Window(0, int.MaxValue)),
        Behind("window of a stream above 2 GB", "reset 3", Window(1, int.MaxValue)),
        Raw("initial window above 2 GB", "away 3", Settings((4, int.MinValue))),
        Behind("initial window that makes one of a stream too large", "away 3", Window(1, int.MaxValue - 65_535), Settings((4, 65_536))),
        Behind("initial window of 0 and back", "200/x", Settings((4, 0)), Settings((4, 65_535)), Data(1, "a")),
    ];
}
