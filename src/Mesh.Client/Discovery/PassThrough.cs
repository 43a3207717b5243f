using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Client.Discovery;

/// <summary><c>AddServiceDiscovery()</c> ends its providers with one that echoes the name: that is "unknown".</summary>
internal static class PassThrough
{
    // By name, because it is internal to its package.
    private const string Provider = "Microsoft.Extensions.ServiceDiscovery.PassThrough.PassThroughServiceEndpointProvider";

    public static bool IsEcho(ServiceEndpoint endpoint) =>
        endpoint.Features.Get<IServiceEndpointProvider>()?.GetType().FullName == Provider;
}
