namespace Mesh.Gateway.Tests.Hostile;

/// <summary>Bytes somebody sends, and what must come of them.</summary>
/// <param name="Name">What is wrong with them.</param>
/// <param name="Bytes">As Latin-1.</param>
/// <param name="Expected">
/// The statuses of the answers, with a blank between; behind each 200 that came from the service the target it saw, as
/// <c>200/x</c>. Empty: the connection ends without an answer.
/// </param>
/// <param name="Upstream">Further demands on the first request that arrives: <c>Name: value</c>, or <c>Name</c> for a field that must not.</param>
internal sealed record HostileRequest(string Name, string Bytes, string Expected, params string[] Upstream)
{
    public const string Host = "Host: shop.example\r\n";

    public const string Close = "Connection: close\r\n";

    /// <summary>What an attacker wants the service to see.</summary>
    public const string Smuggled = $"GET /admin HTTP/1.1\r\n{Host}{Close}\r\n";

    public static HostileRequest Get(string name, string target, string expected) =>
        new(name, $"GET {target} HTTP/1.1\r\n{Host}{Close}\r\n", expected);

    public static HostileRequest WithFields(string name, string fields, string expected, params string[] upstream) =>
        new(name, $"GET /x HTTP/1.1\r\n{Host}{(fields.Contains("Connection:", StringComparison.Ordinal) ? "" : Close)}{fields}\r\n\r\n", expected, upstream);

    /// <summary>A body and behind it, if the gateway takes the body to be shorter, another request.</summary>
    public static HostileRequest Post(string name, string fields, string body, string expected, params string[] upstream) =>
        new(name, $"POST /x HTTP/1.1\r\n{Host}{fields}\r\n\r\n{body}", expected, upstream);
}
