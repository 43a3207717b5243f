using static Mesh.Gateway.Tests.Hostile.Http2.Http2Case;

namespace Mesh.Gateway.Tests.Hostile.Http2;

/// <summary>Values of <c>:path</c> that two servers could read in two ways.</summary>
internal static class HostileTargets
{
    public static IEnumerable<Http2Case> All =>
    [
        Get("empty", "", "reset 1"),
        Get("no slash", "x", "reset 1"),
        Get("a star for GET", "*", "reset 1"),
        WithBlock("a star for OPTIONS", "400", (":method", "OPTIONS"), (":scheme", null), (":path", "*"), (":authority", "shop.example")),
        Get("absolute form", "http://shop.example/x", "reset 1"),
        Get("absolute form of the protected path", "https://shop.example/admin", "reset 1"),
        Get("authority", "secret.example:443", "reset 1"),
        Get("query only", "?x", "reset 1"),
        Get("protected", "/admin", "403"),
        Get("protected, below", "/admin/users", "403"),
        Get("dots", "/x/../admin", "403"),
        Get("escaped dots", "/x/%2e%2e/admin", "403"),
        Get("half escaped dots", "/x/.%2E/admin", "403"),
        Get("dots escaped twice", "/x/%252e%252e/y", "200/x/%252e%252e/y"),
        Get("escaped letter", "/%61dmin", "403"),
        Get("double slash", "//admin", "403"),
        Get("escaped slash", "/x%2fy", "400"),
        Get("escaped slash and dots", "/x%2f..%2fadmin", "400"),
        Get("backslash", "/x\\..\\admin", "403"),
        Get("backslash is a slash", "/x\\y", "200/x/y"),
        Get("backslash in front of a host", "/\\secret.example/x", "200/secret.example/x"),
        Get("escaped backslash", "/x%5c..%5cadmin", "400"),
        Get("dots with parameters", "/x/..;/admin", "400"),
        Get("NUL", "/x\0", "away 1"),
        Get("escaped NUL", "/admin%00", "reset 1"),
        Get("blank", "/x y", "400"),
        Get("a request line behind a blank", "/x HTTP/1.1\r\nhost: shop.example\r\n\r\nGET /admin", "away 1"),
        Get("blank in front", " /admin", "reset 1"),
        Get("blank behind", "/admin ", "400"),
        Get("tab", "/x\ty", "400"),
        Get("CR", "/x\ry", "away 1"),
        Get("LF", "/x\ny", "away 1"),
        Get("escaped line end", "/x%0d%0ay", "400"),
        Get("fragment", "/x#/admin", "400"),
        Get("letter outside ASCII", "/\u00e4", "away 1"),
        Get("overlong UTF-8", "/%c0%aeadmin", "400"),
        Get("malformed escape", "/x%zz", "400"),
        Get("escape cut off", "/x%2", "400"),
        Get("line end in the query", "/x?a\r\nb", "away 1"),
        Get("NUL in the query", "/x?a\0b", "away 1"),
        Get("blank in the query", "/x?a b", "400"),
        Get("escaped line end in the query stays", "/x?%0d%0aX:%20y", "200/x?%0d%0aX:%20y"),
        Get("fragment in the query", "/x?a#b", "400"),
        Get("letter outside ASCII in the query", "/x?\u00e4", "away 1"),
        Get("target above 8 KB", $"/{new string('a', 9000)}", "reset 1"),
        Get("target above 20 KB", $"/{new string('a', 20_000)}", "away 6"),
        Get("many dot segments", string.Concat(Enumerable.Repeat("/..", 2000)) + "/admin", "403"),
    ];
}
