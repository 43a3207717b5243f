using System.Net;
using Mesh.Client.Balancing;
using Mesh.Client.Endpoints;
using Mesh.Client.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Balancing;

public sealed class CustomPolicyTests
{
    private static readonly Uri Uri = new("https://orders/");

    [Test]
    public async Task Send_PolicyOfTheApplication_Decides()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(
            Given.Orders("""{ "LoadBalancing": { "Policy": "highestport" } }"""), stub, configure: static services => services.AddSingleton<ILoadBalancingPolicy, HighestPort>());
        for (var i = 0; i < 20; i++)
        {
            (await host.CreateClient().GetAsync(Uri)).Dispose();
        }

        Assert.That(stub.Requests.Select(static request => request.Uri.Port), Is.All.EqualTo(3));
    }

    [Test]
    public async Task Send_ItsChoiceFailed_TheRetryGoesElsewhere()
    {
        using var stub = new StubHandler(static request => Given.Response(request.Uri.Port == 3 ? HttpStatusCode.BadGateway : HttpStatusCode.OK));
        await using var host = new ClientHost(
            Given.Orders("""{ "LoadBalancing": { "Policy": "HighestPort" } }"""), stub, configure: static services => services.AddSingleton<ILoadBalancingPolicy, HighestPort>());

        using var response = await host.CreateClient().GetAsync(Uri);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(stub.Requests.Select(static request => request.Uri.Port), Is.EqualTo([3, 2]));
    }

    [Test]
    public async Task Reload_OtherPolicy_IsUsedAndEndpointsKeepTheirState()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Orders(), stub, configure: static services => services.AddSingleton<ILoadBalancingPolicy, HighestPort>());
        (await host.CreateClient().GetAsync(Uri)).Dispose();
        var endpoints = host.Service("orders").Endpoints;

        host.Configuration.Replace(Given.Orders("""{ "Timeout": "3s" }"""));
        Assert.That(host.Service("orders").Endpoints, Is.SameAs(endpoints), "nothing about balancing has changed");

        host.Configuration.Replace(Given.Orders("""{ "LoadBalancing": { "Policy": "HighestPort" } }"""));
        (await host.CreateClient().GetAsync(Uri)).Dispose();

        Assert.That(host.Service("orders").Endpoints.All, Is.EqualTo(endpoints.All));
        Assert.That(stub.Requests[^1].Uri.Port, Is.EqualTo(3));
    }

    private sealed class HighestPort : ILoadBalancingPolicy
    {
        public string Name => nameof(HighestPort);

        public LoadBalancer Create(IReadOnlyList<IMeshEndpoint> endpoints, Random random) => new Balancer(endpoints);

        private sealed class Balancer(IReadOnlyList<IMeshEndpoint> endpoints) : LoadBalancer
        {
            private readonly int[] _order = [.. endpoints.Index().OrderByDescending(static item => item.Item.Address, StringComparer.Ordinal).Select(static item => item.Index)];

            public override int Pick(in PickContext context)
            {
                foreach (var index in _order)
                {
                    if (context.IsUsable(endpoints[index]))
                    {
                        return index;
                    }
                }

                return -1;
            }
        }
    }
}
