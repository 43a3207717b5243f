using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Spiffe.Protocol;

namespace Mesh.Spiffe;

/// <summary>The connection to the agent: gRPC over a local socket, without TLS, because the agent asks the kernel who is there.</summary>
internal sealed class AgentChannel : IDisposable
{
    // An agent sends certificates, not files: a thousand anchors are well below this.
    private const int MaxMessageBytes = 4 << 20;

    private readonly GrpcChannel _channel;

    public AgentChannel(AgentAddress address)
    {
        Address = address;
        _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                UseProxy = false,
                ActivityHeadersPropagator = null,
                EnableMultipleHttp2Connections = true,
                KeepAlivePingDelay = TimeSpan.FromSeconds(30),
                KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
                ConnectCallback = (_, cancellationToken) => ConnectAsync(address, cancellationToken),
            },
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MaxMessageBytes,
            MaxRetryAttempts = null,
        });
        Client = new SpiffeWorkloadAPI.SpiffeWorkloadAPIClient(_channel);
    }

    /// <summary>
    /// Without it the agent refuses: a browser or a proxy that can be talked into a request to the socket cannot set it
    /// (Workload Endpoint, 6.1).
    /// </summary>
    public static Metadata Headers { get; } = new() { { "workload.spiffe.io", "true" } };

    public AgentAddress Address { get; }

    public SpiffeWorkloadAPI.SpiffeWorkloadAPIClient Client { get; }

    public void Dispose() => _channel.Dispose();

    private static async ValueTask<Stream> ConnectAsync(AgentAddress address, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.EndPoint.AddressFamily, SocketType.Stream, address.EndPoint is UnixDomainSocketEndPoint ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(address.EndPoint, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
