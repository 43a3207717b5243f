using System.Net;

namespace Mesh.Gateway.Tests.Protocols;

/// <summary>What is spoken to the gateway.</summary>
public enum Front
{
    Http11,
    Http11OverTls,
    Http2,
    Http2OverTls,
}

internal static class FrontExtensions
{
    public static bool IsHttp2(this Front front) => front is Front.Http2 or Front.Http2OverTls;

    public static Uri AddressOf(this Front front, Edge edge) => front switch
    {
        Front.Http11 => edge.Address,
        Front.Http2 => edge.Http2Address,
        _ => edge.TlsAddress,
    };

    /// <summary>A handler that takes the gateway's certificate as it is.</summary>
    public static SocketsHttpHandler CreateHandler() => new()
    {
        SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
        Expect100ContinueTimeout = TimeSpan.FromSeconds(20),
    };

    /// <summary>A client that speaks this and nothing else.</summary>
    public static HttpClient CreateClient(this Front front, Edge edge) => new(CreateHandler())
    {
        BaseAddress = front.AddressOf(edge),
        DefaultRequestVersion = front.IsHttp2() ? HttpVersion.Version20 : HttpVersion.Version11,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };
}
