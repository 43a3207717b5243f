using static Mesh.Gateway.Tests.Hostile.HostileRequest;

namespace Mesh.Gateway.Tests.Hostile;

/// <summary>Requests whose end is a matter of opinion: RFC 9112, 6 and 7.</summary>
internal static class HostileFraming
{
    public static IEnumerable<HostileRequest> All => [.. Lengths, .. Encodings, .. Chunks, .. Lines];

    private static IEnumerable<HostileRequest> Lengths =>
    [
        Post("CL.TE", $"Content-Length: {Smuggled.Length + 5}\r\nTransfer-Encoding: chunked", $"0\r\n\r\n{Smuggled}", "400"),
        Post("TE.CL", "Transfer-Encoding: chunked\r\nContent-Length: 4", $"{Smuggled.Length:x}\r\n{Smuggled}\r\n0\r\n\r\n", "400"),
        Post("CL.TE with the encoding in capitals", "Content-Length: 5\r\nTRANSFER-ENCODING: CHUNKED", $"0\r\n\r\n{Smuggled}", "400"),
        Post("CL.CL", "Content-Length: 0\r\nContent-Length: 44", Smuggled, "400"),
        Post("CL.CL that agree", "Content-Length: 1\r\nContent-Length: 1", $"a{Smuggled}", "400"),
        Post("a list of lengths", "Content-Length: 0, 44", Smuggled, "400"),
        Post("a list of equal lengths", "Content-Length: 1, 1", $"a{Smuggled}", "400"),
        Post("length with a sign", "Content-Length: +1", $"a{Smuggled}", "200/x 403"),
        Post("negative length", "Content-Length: -1", Smuggled, "400"),
        Post("hexadecimal length", "Content-Length: 0x1", $"a{Smuggled}", "400"),
        Post("octal length is decimal", "Content-Length: 01", $"a{Smuggled}", "200/x 403"),
        Post("length with an exponent", "Content-Length: 1e0", $"a{Smuggled}", "400"),
        Post("length with a fraction", "Content-Length: 1.0", $"a{Smuggled}", "400"),
        Post("length with blanks inside", "Content-Length: 1 0", $"a{Smuggled}", "400"),
        Post("length over 64 bits", "Content-Length: 18446744073709551617", $"a{Smuggled}", "400"),
        Post("length without a value", "Content-Length: ", Smuggled, "400"),
        Post("length in other digits", "Content-Length: \u00b2", Smuggled, "400"),
        Post("length behind a vertical tab", "Content-Length:\u000b1", $"a{Smuggled}", "400"),
        Post("length with a blank before the colon", "Content-Length : 1", $"a{Smuggled}", "400"),
        Post("length with an underscore", "Content_Length: 1", Smuggled, "200/x 403"),
        Post("no length at all", "X-A: 1", Smuggled, "200/x 403"),
        new("GET with a body", $"GET /x HTTP/1.1\r\n{Host}Content-Length: {Smuggled.Length}\r\n{Close}\r\n{Smuggled}", "200/x"),
        new("body longer than announced", $"POST /x HTTP/1.1\r\n{Host}Content-Length: 1\r\n{Close}\r\n{Smuggled}", "200/x"),
    ];

    private static IEnumerable<HostileRequest> Encodings =>
    [
        .. ((string[])["identity", "gzip, chunked", "chunked, identity", "chunked, chunked", "identity, chunked", "xchunked", "chunkedx", "\"chunked\"", "chunked;q=1", "chunked,", ",chunked", "\u000bchunked", "chunk", "gzip", "cow", ""])
            .Select(static encoding => Post($"Transfer-Encoding '{encoding}'", $"Transfer-Encoding: {encoding}", $"0\r\n\r\n{Smuggled}", "400")),
        Post("Transfer-Encoding with a tab before", "Transfer-Encoding:\tchunked", $"0\r\n\r\n{Smuggled}", "200/x 403"),
        Post("Transfer-Encoding twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", $"0\r\n\r\n{Smuggled}", "400"),
        Post("Transfer-Encoding twice, one unknown", "Transfer-Encoding: chunked\r\nTransfer-Encoding: cow", $"0\r\n\r\n{Smuggled}", "400"),
        Post("Transfer-Encoding twice, known last", "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", $"0\r\n\r\n{Smuggled}", "400"),
        Post("Transfer-Encoding folded", "Transfer-Encoding:\r\n chunked", $"0\r\n\r\n{Smuggled}", "400"),
        Post("Transfer-Encoding with a blank before the colon", "Transfer-Encoding : chunked", $"0\r\n\r\n{Smuggled}", "400"),
        Post("Transfer_Encoding", "Transfer_Encoding: chunked", $"0\r\n\r\n{Smuggled}", "200/x 400"),
        Post("Transfer-Encoding after a control character", "X: y\u0001Transfer-Encoding: chunked", $"0\r\n\r\n{Smuggled}", "400 400"),
        Post("Transfer-Encoding behind a bare CR", "X: y\rTransfer-Encoding: chunked", $"0\r\n\r\n{Smuggled}", "400"),
        Post("Transfer-Encoding named in Connection", "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked", $"0\r\n\r\n{Smuggled}", "200/x 403"),
        Post("Content-Length named in Connection", "Connection: Content-Length\r\nContent-Length: 1", $"a{Smuggled}", "200/x 403"),
        new("Transfer-Encoding in HTTP/1.0", $"POST /x HTTP/1.0\r\n{Host}Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n0\r\n\r\n{Smuggled}", "400"),
        new("GET with chunks", $"GET /x HTTP/1.1\r\n{Host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{Smuggled}", "200/x 403"),
        new("Upgrade to cleartext HTTP/2", $"GET /x HTTP/1.1\r\n{Host}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n{Smuggled}", "200/x 403", "Upgrade", "HTTP2-Settings"),
        new("Upgrade with a body", $"POST /x HTTP/1.1\r\n{Host}Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n\r\na{Smuggled}", "200/x 403", "Upgrade"),
    ];

    private static IEnumerable<HostileRequest> Chunks =>
    [
        Chunked("chunk extension", "1;a=b\r\na\r\n0\r\n\r\n", "200/x 403"),
        Chunked("chunk extension with a bare LF", "1;a\na\r\n0\r\n\r\n", "400"),
        Chunked("chunk extension with a bare CR", "1;a\ra\r\n0\r\n\r\n", "400"),
        Chunked("quoted chunk extension with a line end", "1;a=\"\r\n\"\r\na\r\n0\r\n\r\n", "400"),
        Chunked("chunk size with a bare LF", "1\na\r\n0\r\n\r\n", "400"),
        Chunked("chunk data with a bare LF behind it", "1\r\na\n0\r\n\r\n", "400"),
        Chunked("chunk longer than its size", "1\r\nabc\r\n0\r\n\r\n", "400"),
        Chunked("chunk size with a sign", "+1\r\na\r\n0\r\n\r\n", "400"),
        Chunked("negative chunk size", "-1\r\na\r\n0\r\n\r\n", "400"),
        Chunked("chunk size with 0x", "0x1\r\na\r\n0\r\n\r\n", "400"),
        Chunked("chunk size over 32 bits", "100000001\r\na\r\n0\r\n\r\n", "400"),
        Chunked("chunk size over 64 bits", "10000000000000001\r\na\r\n0\r\n\r\n", "400"),
        Chunked("chunk size that is none", "z\r\na\r\n0\r\n\r\n", "400"),
        Chunked("empty chunk size", "\r\na\r\n0\r\n\r\n", "400"),
        Chunked("chunk size with a blank before", " 1\r\na\r\n0\r\n\r\n", "400"),
        Chunked("chunk size with a blank behind", "1 \r\na\r\n0\r\n\r\n", "400"),
        Chunked("trailer that looks like framing", "0\r\nContent-Length: 44\r\n\r\n", "200/x 403"),
        Chunked("trailer that looks like identity", "0\r\nX-Forwarded-For: 6.6.6.6\r\nAuthorization: Bearer x\r\n\r\n", "200/x 403"),
        Chunked("trailer line without a colon", "0\r\nabc\r\n\r\n", "400"),
        Chunked("last chunk without the last line", "0\r\nGET /admin HTTP/1.1\r\n\r\n", "400"),
    ];

    private static IEnumerable<HostileRequest> Lines =>
    [
        new("bare LF everywhere", "GET /x HTTP/1.1\nHost: shop.example\nConnection: close\n\n", "200/x"),
        new("bare LF behind a field", $"GET /x HTTP/1.1\r\n{Host}X-A: b\nX-C: d\r\n{Close}\r\n", "200/x", "X-A: b", "X-C: d"),
        new("bare CR in a field", $"GET /x HTTP/1.1\r\n{Host}X-A: b\rX-C: d\r\n{Close}\r\n", "400"),
        new("bare CR in the request line", $"GET /x\rHTTP/1.1\r\n{Host}\r\n", "400"),
        new("folded field", $"GET /x HTTP/1.1\r\n{Host}X-A: b\r\n c\r\n{Close}\r\n", "400"),
        new("folded first field", $"GET /x HTTP/1.1\r\n X-A: b\r\n{Host}{Close}\r\n", "400"),
        new("field folded by a tab", $"GET /x HTTP/1.1\r\n{Host}X-A: b\r\n\tc\r\n{Close}\r\n", "400"),
        new("empty lines before", $"\r\n\r\nGET /x HTTP/1.1\r\n{Host}{Close}\r\n", "200/x"),
        new("blanks in the request line", $"GET  /x HTTP/1.1\r\n{Host}\r\n", "400"),
        new("blank before the method", $" GET /x HTTP/1.1\r\n{Host}\r\n", "400"),
        new("tab in the request line", $"GET\t/x HTTP/1.1\r\n{Host}\r\n", "400"),
        new("blank behind the version", $"GET /x HTTP/1.1 \r\n{Host}\r\n", "400"),
        new("HTTP/0.9", "GET /x\r\n\r\n", "400"),
        new("HTTP/1.2", $"GET /x HTTP/1.2\r\n{Host}\r\n", "505"),
        new("HTTP/2.0 in a line", $"GET /x HTTP/2.0\r\n{Host}\r\n", "505"),
        new("version in small letters", $"GET /x http/1.1\r\n{Host}\r\n", "505"),
        new("version of two digits", $"GET /x HTTP/1.10\r\n{Host}\r\n", "400"),
        new("another protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "400"),
        new("TLS to a plaintext port", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n", "400"),
        new("NUL before the method", $"\0GET /x HTTP/1.1\r\n{Host}\r\n", "400"),
        new("LF in the method", $"GE\nT /x HTTP/1.1\r\n{Host}\r\n", "400"),
        new("pipelined behind a refused request", $"GET /%00 HTTP/1.1\r\n{Host}\r\n{Smuggled}", "400"),
        new("pipelined", $"GET /x HTTP/1.1\r\n{Host}\r\n{Smuggled}", "200/x 403"),
    ];

    private static HostileRequest Chunked(string name, string chunks, string expected) =>
        Post(name, "Transfer-Encoding: chunked", chunks + Smuggled, expected);
}
