namespace Mesh.Gateway.Forwarding;

/// <summary>What a gateway adds to <c>Via</c>: the version it was asked with, and its name. "HTTP/1.1" is written "1.1" (RFC 9110, 7.6.3).</summary>
/// <param name="name">What the gateway is called.</param>
internal sealed class ViaEntry(string name)
{
    private const string Http = "HTTP/";

    private readonly string _http11 = $"1.1 {name}";
    private readonly string _http2 = $"2 {name}";

    public string Of(string protocol) => protocol switch
    {
        "HTTP/1.1" => _http11,
        "HTTP/2" => _http2,
        _ when protocol.StartsWith(Http, StringComparison.OrdinalIgnoreCase) => $"{protocol[Http.Length..]} {name}",
        _ => $"{protocol} {name}",
    };
}
