using Mesh.Client.Endpoints;
using Mesh.Client.Policy;
using Mesh.Identity;

namespace Mesh.Client.Transport;

/// <summary>
/// The connection pool of one endpoint. Because every connection it opens goes to that endpoint, requests keep the
/// service's name in their URI and <c>Host</c>: nothing is rewritten or allocated per call.
/// </summary>
internal sealed class EndpointTransport : IDisposable
{
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    private readonly HttpMessageInvoker _invoker;

    public EndpointTransport(Endpoint endpoint, Func<ServicePolicy> policy, IIdentitySource identity, TimeProvider time, Random random)
    {
        var connector = new MeshConnector(endpoint, policy, identity, time);
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = connector.ConnectAsync,

            // Bounded life, so that connections follow identity and trust; jittered, so that they do not all die together.
            PooledConnectionLifetime = ConnectionLifetime * (1 - (0.2 * random.NextDouble())),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            EnableMultipleHttp2Connections = true,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),

            // A service call is not a browser: no cookie jar, no redirect to somewhere else, no proxy.
            UseCookies = false,
            AllowAutoRedirect = false,
            UseProxy = false,
        };
        _invoker = new HttpMessageInvoker(handler);
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _invoker.SendAsync(request, cancellationToken);

    /// <summary>Closes idle connections now and busy ones when their requests end.</summary>
    public void Dispose() => _invoker.Dispose();
}
