using System.Net;
using Grpc.Core;
using Mesh.Client.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Grpc;

public sealed class GrpcTransportTests
{
    [Test]
    public async Task AddGrpcClient_ApplicationHasATransport_KeepsIt()
    {
        using var stub = new StubHandler(static _ =>
        {
            var response = new HttpResponseMessage { Version = HttpVersion.Version20 };
            response.Headers.Add("grpc-status", "9");
            return response;
        });
        await using var host = new ClientHost(Given.Orders(), configure: services => services
            .AddGrpcClient<Orders.OrdersClient>(static options => options.Address = new Uri("https://orders"))
            .ConfigurePrimaryHttpMessageHandler(() => stub));

        Assert.That(async () => await host.Services.GetRequiredService<Orders.OrdersClient>().GetAsync(new OrderRequest()), Throws.InstanceOf<RpcException>());

        Assert.That(stub.Requests, Has.Count.EqualTo(1));
        Assert.That(stub.Requests[0].Uri.Host, Does.StartWith("10.0.0."), "with the URI rewritten");
    }
}
