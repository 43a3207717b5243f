using System.Net;
using Mesh.Client.Tests.Fixtures;

namespace Mesh.Client.Tests.Policy;

public sealed class ReloadTests
{
    private static readonly Uri Uri = new("https://orders/items");

    [Test]
    public async Task Reload_OtherValues_HoldFromTheNextCallAndKeepTheState()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.InternalServerError);
        await using var host = new ClientHost(Given.Orders("""{ "AttemptTimeout": "1s", "Retry": { "Attempts": 0 } }"""), stub);
        var client = host.CreateClient();
        for (var i = 0; i < 40; i++)
        {
            (await client.GetAsync(Uri)).Dispose();
        }

        var ejected = host.Service("orders").Ledger.Ejected;
        var endpoints = host.Service("orders").Endpoints;
        var budget = host.Service("orders").Budget;
        Assert.That(ejected, Is.EqualTo(1));

        host.Configuration.Replace(Given.Orders("""{ "AttemptTimeout": "3s", "Retry": { "Attempts": 1 } }"""));
        var before = stub.Requests.Count;
        (await client.GetAsync(Uri)).Dispose();

        Assert.That(stub.Requests, Has.Count.EqualTo(before + 2));
        Assert.That(stub.Requests[^1].Headers[MeshHeaders.Timeout], Is.EqualTo("3000m"));
        Assert.That(host.Service("orders").Ledger.Ejected, Is.EqualTo(ejected));
        Assert.That(host.Service("orders").Endpoints, Is.SameAs(endpoints));
        Assert.That(host.Service("orders").Budget, Is.SameAs(budget));
        Assert.That(host.Directory.PolicyRevision, Is.EqualTo(1));
    }

    [Test]
    public async Task Reload_Weights_ShiftTheTraffic()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Split(100, 0), stub);
        (await host.CreateClient().GetAsync(Uri)).Dispose();

        host.Configuration.Replace(Split(0, 100));
        (await host.CreateClient().GetAsync(Uri)).Dispose();

        Assert.That(stub.Requests.Select(static seen => seen.Uri.Host), Is.EqualTo(["10.0.1.1", "10.0.2.1"]));

        static string Split(int one, int two) => Given.Services(
            """{ "orders": { "https": [ "10.0.1.1:1" ] }, "orders-v2": { "https": [ "10.0.2.1:1" ] } }""",
            $$"""{ "orders": { "Rules": [ { "BackendRefs": [ { "Name": "orders", "Weight": {{one}} }, { "Name": "orders-v2", "Weight": {{two}} } ] } ] } }""");
    }

    [Test]
    public async Task Reload_Invalid_KeepsThePolicyInForceAndSaysSoOnce()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Orders("""{ "AttemptTimeout": "1s" }"""), stub);
        (await host.CreateClient().GetAsync(Uri)).Dispose();

        host.Configuration.Replace(Given.Orders("""{ "AttemptTimeout": "-1s", "Retri": {} }"""));
        host.Configuration.Replace(Given.Orders("""{ "AttemptTimeout": "-1s", "Retri": {} }"""));
        (await host.CreateClient().GetAsync(Uri)).Dispose();

        Assert.That(stub.Requests[1].Headers[MeshHeaders.Timeout], Is.EqualTo("1000m"));
        var refusals = host.Log.Mesh.Where(static text => text.Contains("refused", StringComparison.Ordinal)).ToArray();
        Assert.That(refusals, Has.Length.EqualTo(1));
        Assert.That(refusals[0], Does.Contain("Mesh:Client:Services:orders:AttemptTimeout").And.Contain("Mesh:Client:Services:orders:Retri"));

        host.Configuration.Replace(Given.Orders("""{ "AttemptTimeout": "2s" }"""));
        (await host.CreateClient().GetAsync(Uri)).Dispose();
        Assert.That(stub.Requests[2].Headers[MeshHeaders.Timeout], Is.EqualTo("2000m"), "a good change is taken after a bad one");
    }

    [Test]
    public async Task Reload_SameValues_ChangesNothing()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Orders(), stub);
        (await host.CreateClient().GetAsync(Uri)).Dispose();
        var policy = host.Service("orders").Policy;

        host.Configuration.Replace(Given.Orders());

        Assert.That(host.Service("orders").Policy, Is.SameAs(policy));
        Assert.That(host.Directory.PolicyRevision, Is.Zero);
    }

    [Test]
    public async Task Reload_NamesAnUnknownService_BringsItIntoTheMesh()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost("""{ "Mesh": { "Client": { "Defaults": { "Timeout": "5s" } } } }""", stub);
        (await host.CreateClient().GetAsync(Uri)).Dispose();

        host.Configuration.Replace(Given.Orders("""{ "Timeout": "5s" }"""));
        (await host.CreateClient().GetAsync(Uri)).Dispose();

        Assert.That(stub.Requests[0].Uri.Host, Is.EqualTo("orders"));
        Assert.That(stub.Requests[1].Uri.Host, Does.StartWith("10.0.0."));
    }
}
