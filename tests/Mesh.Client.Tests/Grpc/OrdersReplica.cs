using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Grpc.Core;
using Mesh.Client.Tests.Fixtures;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Grpc;

/// <summary>A replica of a gRPC service: Kestrel, HTTP/2, mutual TLS.</summary>
internal sealed class OrdersReplica : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OrdersReplica(WebApplication app) => _app = app;

    public string Url => $"https://127.0.0.1:{new Uri(_app.Urls.Single()).Port}";

    /// <summary>The header fields of the calls that came.</summary>
    public ConcurrentQueue<Dictionary<string, string>> Calls { get; } = new();

    /// <summary>Called with each call before it is answered; may throw.</summary>
    public Func<ServerCallContext, Task> Before { get; set; } = static _ => Task.CompletedTask;

    /// <summary>What it says of its health, by service name.</summary>
    public Func<string, HealthCheckResponse.Types.ServingStatus> Health { get; set; } = static _ => HealthCheckResponse.Types.ServingStatus.Serving;

    public static async Task<OrdersReplica> StartAsync(string name)
    {
        var identity = TestAuthority.Shop.Identity("orders");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = TimeSpan.Zero);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = identity.Current.CertificateContext,
                    ClientCertificateRequired = true,
                    EnabledSslProtocols = SslProtocols.Tls13,
                    RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
                }),
            });
        }));
        OrdersReplica? replica = null;
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(_ => new Service(replica!, name));
        builder.Services.AddSingleton(_ => new HealthService(replica!));
        var app = builder.Build();
        app.MapGrpcService<Service>();
        app.MapGrpcService<HealthService>();
        replica = new OrdersReplica(app);
        await app.StartAsync();
        return replica;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task ArriveAsync(ServerCallContext context)
    {
        // From the request itself: gRPC's own fields are not among the metadata.
        Calls.Enqueue(context.GetHttpContext().Request.Headers.ToDictionary(static header => header.Key, static header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase));
        await Before(context);
    }

    private sealed class HealthService(OrdersReplica replica) : Tests.Grpc.Health.HealthBase
    {
        public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) =>
            Task.FromResult(new HealthCheckResponse { Status = replica.Health(request.Service) });
    }

    private sealed class Service(OrdersReplica replica, string name) : Orders.OrdersBase
    {
        public override async Task<OrderReply> Get(OrderRequest request, ServerCallContext context)
        {
            await replica.ArriveAsync(context);
            return Reply(request);
        }

        public override Task<OrderReply> Place(OrderRequest request, ServerCallContext context) => Get(request, context);

        public override async Task Watch(OrderRequest request, IServerStreamWriter<OrderReply> responseStream, ServerCallContext context)
        {
            await replica.ArriveAsync(context);
            for (var i = 0; i < 3; i++)
            {
                await responseStream.WriteAsync(Reply(request));
            }
        }

        public override async Task<OrderReply> Upload(IAsyncStreamReader<OrderRequest> requestStream, ServerCallContext context)
        {
            await replica.ArriveAsync(context);
            var reply = new OrderReply { Replica = name };
            await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
            {
                reply.Id += request.Id;
                reply.Bytes += request.Payload.Length;
            }

            return reply;
        }

        public override async Task Talk(IAsyncStreamReader<OrderRequest> requestStream, IServerStreamWriter<OrderReply> responseStream, ServerCallContext context)
        {
            await replica.ArriveAsync(context);
            await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
            {
                await responseStream.WriteAsync(Reply(request));
            }
        }

        private OrderReply Reply(OrderRequest request) => new() { Id = request.Id, Replica = name, Bytes = request.Payload.Length };
    }
}
