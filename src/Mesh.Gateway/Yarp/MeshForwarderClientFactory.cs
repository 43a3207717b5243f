using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Gateway.Yarp;

/// <summary>Gives YARP a client per cluster that calls the service of its name; clusters outside the mesh get YARP's own.</summary>
internal sealed class MeshForwarderClientFactory(IHttpMessageHandlerFactory handlers, ILogger<ForwarderHttpClientFactory> logger) : IForwarderHttpClientFactory
{
    /// <summary>The name of the <see cref="HttpClient"/> whose handlers carry the calls.</summary>
    public const string ClientName = "Mesh.Gateway.Yarp";

    private readonly ForwarderHttpClientFactory _plain = new(logger);

    public HttpMessageInvoker CreateClient(ForwarderHttpClientContext context) => MeshClusters.Includes(context.NewMetadata)
        ? new HttpMessageInvoker(new ClusterHandler(context.ClusterId, handlers.CreateHandler(ClientName)), disposeHandler: false)
        : _plain.CreateClient(MeshClusters.Includes(context.OldMetadata) ? Forget(context) : context);

    // A client that was the mesh's is not YARP's to go on with, however equal the settings are.
    private static ForwarderHttpClientContext Forget(ForwarderHttpClientContext context) => new()
    {
        ClusterId = context.ClusterId,
        NewConfig = context.NewConfig,
        NewMetadata = context.NewMetadata,
    };
}
