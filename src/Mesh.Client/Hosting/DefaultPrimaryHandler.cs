using Mesh.Hosting;

namespace Mesh.Client.Hosting;

/// <summary>
/// The innermost handler of a mesh client whose application brought none: calls to services never reach it, calls to
/// hosts outside the mesh do, and find what <c>IHttpClientFactory</c> gives them by default.
/// </summary>
/// <remarks>
/// Not a <see cref="DelegatingHandler"/>: <c>Grpc.Net.Client</c> looks through those, and where it finds a
/// <see cref="SocketsHttpHandler"/> it resolves and connects to the host by itself before it makes a call.
/// </remarks>
internal sealed class DefaultPrimaryHandler : HttpMessageHandler, IRedirectingHandler
{
    private readonly SocketsHttpHandler _sockets = new() { PooledConnectionLifetime = TimeSpan.FromMinutes(2) };
    private readonly HttpMessageInvoker _transport;

    public DefaultPrimaryHandler() => _transport = new HttpMessageInvoker(_sockets);

    public void ForbidRedirects() => _sockets.AllowAutoRedirect = false;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _transport.SendAsync(request, cancellationToken);

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _transport.Send(request, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _transport.Dispose();
        }

        base.Dispose(disposing);
    }
}
