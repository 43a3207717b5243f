using System.Net;
using Mesh.Client.Calls;
using Mesh.Client.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace Mesh.Client.Tests.Hosting;

public sealed class ClientRegistrationTests
{
    private const string Uri = "https://orders/items";

    [TestCase("")]
    [TestCase("named")]
    [TestCase(nameof(OrdersClient))]
    public async Task AddMeshClient_EveryKindOfClient_JoinsTheMesh(string name)
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Orders(), stub, configure: static services => services.AddHttpClient<OrdersClient>());

        using var response = await host.CreateClient(name).GetAsync(Uri);

        Assert.That(stub.Requests.Single().Uri.Host, Does.StartWith("10.0.0."));
        Assert.That(stub.Requests.Single().Host, Is.EqualTo("orders"));
    }

    [Test]
    public async Task AddMeshClient_TypedClient_JoinsTheMesh()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(
            Given.Orders(),
            stub,
            configure: static services => services.AddHttpClient<OrdersClient>(static client => client.BaseAddress = new Uri("https://orders")));

        await host.Services.GetRequiredService<OrdersClient>().ListAsync();

        Assert.That(stub.Requests.Single().Uri.AbsolutePath, Is.EqualTo("/items"));
    }

    [Test]
    public async Task AddMeshClient_CalledAgain_ChangesNothing()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.ServiceUnavailable);
        await using var host = new ClientHost(
            Given.Orders(),
            stub,
            configure: static services => services.AddMeshClient().AddMeshClient(static options => options.Defaults.Retry.Attempts = 1).AddHttpClient("x").AddMeshClient().AddMeshClient());

        using var response = await host.CreateClient("x").GetAsync(Uri);

        Assert.That(stub.Requests, Has.Count.EqualTo(2), "stacked handlers would multiply");
        Assert.That(MeshHandlersIn(host.Services.GetHandler("x")), Is.EqualTo(1));
    }

    [Test]
    public async Task AddMeshClient_OnOneClient_LeavesTheOthersAlone()
    {
        var services = new ServiceCollection();
        services.AddHttpClient("inside").AddMeshClient();
        services.AddHttpClient("outside");
        services.AddSingleton<Mesh.Identity.IIdentitySource>(TestAuthority.Shop.Identity("storefront"));
        await using var provider = services.BuildServiceProvider();

        Assert.That(MeshHandlersIn(provider.GetHandler("inside")), Is.EqualTo(1));
        Assert.That(MeshHandlersIn(provider.GetHandler("outside")), Is.Zero);
        Assert.That(MeshHandlersIn(provider.GetHandler()), Is.Zero);
    }

    [Test]
    public async Task RemoveMesh_OneClient_IsOutside()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Orders(), stub, configure: static services => services.AddHttpClient("outside").RemoveMesh());

        using var outside = await host.CreateClient("outside").GetAsync(Uri);
        using var inside = await host.CreateClient("inside").GetAsync(Uri);

        Assert.That(stub.Requests[0].Uri.Host, Is.EqualTo("orders"));
        Assert.That(stub.Requests[0].Headers, Does.Not.ContainKey(MeshHeaders.Timeout));
        Assert.That(stub.Requests[1].Uri.Host, Does.StartWith("10.0.0."));
    }

    [Test]
    public async Task AddMeshClient_WithoutConfigurationInTheContainer_PassesThrough()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        var services = new ServiceCollection();
        services.AddMeshClient();
        services.AddSingleton<Mesh.Identity.IIdentitySource>(TestAuthority.Shop.Identity("storefront"));
        services.ConfigureHttpClientDefaults(http => http.ConfigurePrimaryHttpMessageHandler(() => stub));
        await using var provider = services.BuildServiceProvider();

        using var response = await provider.GetRequiredService<IHttpClientFactory>().CreateClient().GetAsync(Uri);

        Assert.That(stub.Requests.Single().Uri.Host, Is.EqualTo("orders"));
    }

    [TestCase("standard")]
    [TestCase("hedging")]
    [TestCase("discovery")]
    [TestCase("custom")]
    public async Task AddMeshClient_ClientWithSupersededHandler_RemovesItAndSaysSoOnce(string kind)
    {
        using var stub = StubHandler.Answering(HttpStatusCode.ServiceUnavailable);
        await using var host = new ClientHost(
            Given.Orders("""{ "Retry": { "Backoff": "1ms" } }"""),
            stub,
            configure: services =>
            {
                var client = services.AddHttpClient("x").AddHttpMessageHandler(static () => new Marker());
                _ = kind switch
                {
                    "standard" => (object)client.AddStandardResilienceHandler(),
                    "hedging" => client.AddStandardHedgingHandler(),
                    "discovery" => client.AddServiceDiscovery(),
                    _ => client.AddResilienceHandler("mine", static builder => builder.AddRetry(new HttpRetryStrategyOptions { Delay = TimeSpan.Zero })),
                };
            });

        using var first = await host.CreateClient("x").GetAsync(Uri);
        using var second = await host.CreateClient("x").GetAsync(Uri);

        Assert.That(stub.Requests, Has.Count.EqualTo(6), "each call has its two retries and no more");
        Assert.That(stub.Requests[0].Headers, Contains.Key("marker"), "the application's own handlers stay");
        Assert.That(host.Log.Mesh.Where(static text => text.Contains("was removed", StringComparison.Ordinal)).ToArray(), Is.Unique.And.Not.Empty);
        Assert.That(host.Log.Mesh.Where(static text => text.Contains("was removed", StringComparison.Ordinal)), Has.All.Contain("'x'"));
    }

    [Test]
    public async Task AddMeshClient_ServiceDefaultsOfAspire_AreSuperseded()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.ServiceUnavailable);
        await using var host = new ClientHost(
            Given.Orders("""{ "Retry": { "Backoff": "1ms" } }"""),
            stub,
            configure: static services =>
            {
                services.AddServiceDiscovery();
                services.ConfigureHttpClientDefaults(static http =>
                {
                    http.AddStandardResilienceHandler();
                    http.AddServiceDiscovery();
                });
            });

        using var response = await host.CreateClient("any").GetAsync(Uri);

        Assert.That(stub.Requests, Has.Count.EqualTo(3));
        Assert.That(stub.Requests[0].Uri.Host, Does.StartWith("10.0.0."));
    }

    [Test]
    public async Task AddMeshClient_ApplicationsOwnHandlers_SeeACallOnce()
    {
        var marker = new Marker();
        using var stub = StubHandler.Answering(HttpStatusCode.ServiceUnavailable);
        await using var host = new ClientHost(Given.Orders(), stub, configure: services => services.AddHttpClient("x").AddHttpMessageHandler(() => marker));

        using var response = await host.CreateClient("x").GetAsync(Uri);

        Assert.That(marker.Calls, Is.EqualTo(1));
        Assert.That(stub.Requests, Has.Count.EqualTo(3));
    }

    [Test]
    public void AddMeshClient_InvalidConfiguration_StopsTheStartWithEveryError()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = "Development", ApplicationName = "storefront" });
        builder.Configuration.Sources.Add(new TestConfiguration("""
            { "Mesh": { "Clinet": {}, "Client": { "Defaults": { "Timeout": "soon" }, "Services": { "orders": { "Retry": { "Atempts": 3, "Budget": { "Ratio": -1 } } } } } } }
            """));
        builder.Services.AddSingleton<Mesh.Identity.IIdentitySource>(TestAuthority.Shop.Identity("storefront"));
        builder.AddMeshClient();
        using var app = builder.Build();

        Assert.That(
            async () => await app.StartAsync(),
            Throws.TypeOf<Mesh.Configuration.MeshConfigurationException>()
                .With.Message.Contains("Mesh:Clinet")
                .And.Message.Contains("Mesh:Client:Defaults:Timeout: found 'soon'")
                .And.Message.Contains("Mesh:Client:Services:orders:Retry:Atempts")
                .And.Message.Contains("Mesh:Client:Services:orders:Retry:Budget:Ratio: found '-1'"));
    }

    private static int MeshHandlersIn(HttpMessageHandler? handler)
    {
        var count = 0;
        for (; handler is not null; handler = (handler as DelegatingHandler)?.InnerHandler)
        {
            count += handler is MeshHandler ? 1 : 0;
        }

        return count;
    }

    private sealed class OrdersClient(HttpClient http)
    {
        public async Task ListAsync() => (await http.GetAsync(new Uri("/items", UriKind.Relative))).Dispose();
    }

    private sealed class Marker : DelegatingHandler
    {
        public int Calls { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Calls++;
            request.Headers.TryAddWithoutValidation("marker", "1");
            return base.SendAsync(request, cancellationToken);
        }
    }
}
