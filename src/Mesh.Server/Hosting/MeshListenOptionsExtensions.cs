using Mesh.Server.Tls;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Lets one port of Kestrel serve mutual TLS and plaintext.</summary>
public static class MeshListenOptionsExtensions
{
    /// <summary>
    /// Serves mutual TLS on this endpoint as <c>Mesh:Server:PeerAuthentication</c> and <c>Mesh:Server:Ports</c> say, and
    /// plaintext beside it on the same port: with <c>Permissive</c> the application, with <c>Strict</c> the
    /// <c>PlaintextPaths</c> only.
    /// </summary>
    /// <remarks>
    /// The first byte of a connection tells TLS from plaintext. Plaintext is HTTP/1.1, unless the endpoint's
    /// <see cref="ListenOptions.Protocols"/> are <see cref="HttpProtocols.Http2"/> alone: without TLS nothing says which of
    /// two it is. Endpoints with <c>UseHttps()</c> or an <c>https</c> address need no call: they speak mutual TLS already.
    /// </remarks>
    /// <param name="endpoint">The endpoint.</param>
    /// <exception cref="InvalidOperationException"><c>AddMeshServer()</c> was not called.</exception>
    /// <example>
    /// <code>
    /// builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenAnyIP(8080, endpoint => endpoint.UseMeshTls()));
    /// </code>
    /// </example>
    public static ListenOptions UseMeshTls(this ListenOptions endpoint) => UseMeshTls(endpoint, mode: null);

    /// <inheritdoc cref="UseMeshTls(ListenOptions)"/>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="mode">What is asked of peers here; <c>Mesh:Server:Ports</c> comes before it.</param>
    public static ListenOptions UseMeshTls(this ListenOptions endpoint, PeerAuthenticationMode mode) => UseMeshTls(endpoint, (PeerAuthenticationMode?)mode);

    private static ListenOptions UseMeshTls(ListenOptions endpoint, PeerAuthenticationMode? mode)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        var services = endpoint.ApplicationServices;
        var handshake = services.GetService<Lazy<PeerHandshake>>()
            ?? throw new InvalidOperationException("UseMeshTls() needs the services of the mesh: call builder.AddMeshServer() before builder.Build().");
        var listener = new MeshListener(
            mode,
            handshake,
            new Lazy<PlaintextGate>(services.GetRequiredService<PlaintextGate>),
            services.GetRequiredService<TimeProvider>());

        // Kestrel composes these from the last to the first, and does so once for each address of the endpoint.
        Connections.ConnectionDelegate? plaintext = null;
        endpoint.Use(tls => listener.Choose(tls, plaintext!));
        endpoint.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = listener.PrepareAsync });
        endpoint.Use(next => plaintext = next);
        return endpoint;
    }
}
