using static Mesh.Gateway.Tests.Hostile.HostileRequest;

namespace Mesh.Gateway.Tests.Hostile;

/// <summary>Paths that mean one thing to a rule and another to a service, and targets that are no paths.</summary>
internal static class HostilePaths
{
    public static IEnumerable<HostileRequest> All => [.. Spellings, .. Refused, .. Targets];

    // All of these are "/admin" to somebody; to the gateway they are as well.
    private static IEnumerable<HostileRequest> Spellings =>
        ((string[])
        [
            "/admin", "/admin/", "/Admin", "/ADMIN", "//admin", "///admin//", "/./admin", "/admin/.", "/a/../admin", "/a/b/../../admin", "/../admin",
            "/%61dmin", "/%61%64%6d%69%6e", "/%61%64%6D%69%6E", "/%2e/admin", "/a/%2e%2e/admin", "/a/.%2e/admin", "/a/%2E./admin", "/a/x/..%2f..%2fadmin",
            "/\\admin", "/a\\..\\admin", "/a/..\\admin", "/admin?x=/y", "/admin?", "/admin/x", "/admin/%78", "/x/..//admin", "/x//..//admin",
        ]).Select(static path => Get($"'{path}'", path, path.Contains("%2f", StringComparison.Ordinal) ? "400" : "403"));

    private static IEnumerable<HostileRequest> Refused =>
        ((string[])
        [
            "\\admin", "/a/..;/admin", "/a/..;x=1/admin", "/a/%2e%2e;/admin", "/.;/admin", "/a%2f..%2fadmin", "/a/..%2fadmin", "/a/..%5cadmin", "/a%5c..%5cadmin", "/%2fadmin", "/%5cadmin",
            "/%c0%ae%c0%ae/admin", "/a/%c0%ae%c0%ae/admin", "/a/%e0%80%ae%e0%80%ae/admin", "/%c0%afadmin", "/%e0%80%afadmin", "/%f0%80%80%afadmin",
            "/admin%00", "/admin%00.html", "/x%00/../admin", "/%0aadmin", "/%0d%0aX:%20y", "/admin%7f", "/%1b[2J", "/%", "/%a", "/%zz", "/%u0061dmin", "/%%36%31dmin",
            "/x#/admin", "/a\u0000b", "/a\tb", "/\u00e4", "/a\u007fb",
        ]).Select(static path => Get($"'{path}'", path, "400"));

    private static IEnumerable<HostileRequest> Targets =>
    [
        // Decoded once these are no escapes of dots and slashes: a service that decodes twice must be told (docs/gateway-security.md).
        Get("double escape", "/%2561dmin", "200/%2561dmin"),
        Get("double escape of dots", "/x/%252e%252e/y", "200/x/%252e%252e/y"),
        Get("absolute form", "http://shop.example/x", "200/x"),
        Get("absolute form of the protected path", "http://shop.example/admin", "403"),
        Get("absolute form with dots", "http://shop.example/../admin", "403"),
        Get("absolute form without a path", "http://shop.example", "200/"),
        Get("absolute form with a query only", "http://shop.example?/admin", "200/?/admin"),
        Get("absolute form for another host", "http://secret.example/x", "400"),
        Get("absolute form with another port", "http://shop.example:81/x", "400"),
        Get("absolute form with a user", "http://shop.example@secret.example/x", "400"),
        Get("absolute form with our host as the user", "http://secret.example@shop.example/x", "400"),
        Get("absolute form with a backslash", "http://secret.example\\@shop.example/x", "400"),
        Get("absolute form of another scheme", "ftp://shop.example/x", "400"),
        Get("scheme of a script", "javascript:alert(1)", "400"),
        Get("file", "file:///etc/passwd", "400"),
        Get("no slash", "x", "405"),
        Get("a star for GET", "*", "405"),
        Get("authority for GET", "shop.example:80", "405"),
        Get("query only", "?x", "400"),
        Get("protocol-relative", "//secret.example/x", "200/secret.example/x"),
        Get("double slash in the query stays", "/x?u=//secret.example/../%2e%2e", "200/x?u=//secret.example/../%2e%2e"),
        Get("line end in the query", "/x?%0d%0aX:%20y", "200/x?%0d%0aX:%20y"),
        Get("NUL in the query", "/x?a\0b", "400"),
        Get("characters outside ASCII in the query", "/x?\u00e4", "400"),
        Get("fragment in the query", "/x?a#b", "400"),
        Get("trailing dot", "/x.", "200/x."),
        Get("parameters stay", "/x;a=b/y;c", "200/x;a=b/y;c"),
        Get("escaped parameters stay escaped", "/x%3Ba=b", "200/x%3Ba=b"),
        Get("escaped percent stays escaped", "/100%25", "200/100%25"),
    ];
}
