using System.Net;

namespace Mesh.Client.Transport;

/// <summary>HTTP/2 without TLS: nobody negotiates, so both sides have to know (RFC 9113, 3.3).</summary>
internal static class PlaintextHttp2
{
    /// <summary>Makes a request HTTP/2 and nothing else, unless it asks for a change of protocol, which only HTTP/1.1 has.</summary>
    public static void Demand(HttpRequestMessage request)
    {
        if (!request.Headers.NonValidated.Contains("Upgrade"))
        {
            request.Version = HttpVersion.Version20;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        }
    }
}
