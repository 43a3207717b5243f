using System.Net;
using Mesh.Client.Calls;
using Mesh.Client.Tests.Fixtures;

namespace Mesh.Client.Tests.Calls;

public sealed class MessageTests
{
    [TestCase("https://api.example/v1?x=1")]
    [TestCase("http://localhost:8080/")]
    [TestCase("https://127.0.0.1:8443/a")]
    public async Task SendAsync_UnknownHost_PassesThroughUntouched(string uri)
    {
        using var stub = StubHandler.Answering(HttpStatusCode.ServiceUnavailable);
        await using var host = new ClientHost(Given.Orders(), stub);
        using var request = new HttpRequestMessage(HttpMethod.Post, uri);
        var sent = request.RequestUri;

        using var response = await host.CreateClient().SendAsync(request);

        var seen = stub.Requests.Single();
        Assert.That(seen.Message, Is.SameAs(request));
        Assert.That(seen.Uri, Is.SameAs(sent));
        Assert.That(seen.Headers, Is.Empty);
        Assert.That(seen.Body, Is.Null);
        Assert.That(seen.Message.Content, Is.Null);
    }

    [Test]
    public async Task SendAsync_UnknownHostAndReject_IsRefused()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost("""{ "Mesh": { "Client": { "UnknownServices": "Reject" } } }""", stub);

        var exception = await Assert.ThrowsAsync<MeshRejectedException>(() => host.CreateClient().GetAsync(new Uri("https://nobody/")));

        Assert.That(exception!.Reason, Is.EqualTo(RejectionReason.UnknownService));
        Assert.That(exception.Service, Is.EqualTo("nobody"));
        Assert.That(stub.Requests, Is.Empty);
    }

    [Test]
    public async Task SendAsync_UnknownHostWithEitherScheme_IsRefused()
    {
        await using var host = new ClientHost("{}");
        var exception = await Assert.ThrowsAsync<MeshRejectedException>(() => host.CreateClient().GetAsync(new Uri("https+http://nobody/")));
        Assert.That(exception!.Reason, Is.EqualTo(RejectionReason.UnknownService));
    }

    [Test]
    public async Task SendAsync_DeclaredServiceWithoutAddresses_SaysWhereToAddThem()
    {
        await using var host = new ClientHost("""{ "Mesh": { "Client": { "Services": { "orders": { "Timeout": "1s" } } } } }""");

        var exception = await Assert.ThrowsAsync<MeshRejectedException>(() => host.CreateClient().GetAsync(new Uri("https://orders/")));

        Assert.That(exception!.Reason, Is.EqualTo(RejectionReason.NoEndpoints));
        Assert.That(exception.Message, Does.Contain("Services:orders:https"));
    }

    [Test]
    public async Task SendAsync_RequestWithoutHeaders_HasNoneAfterwards()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Orders(), stub);
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://orders/items");

        using var response = await host.CreateClient().SendAsync(request);

        Assert.That(stub.Requests[0].Headers, Contains.Key(MeshHeaders.Timeout));
        Assert.That(stub.Requests[0].Host, Is.EqualTo("orders"));
        Assert.That(request.Headers, Is.Empty);
    }

    [TestCase(HttpStatusCode.OK)]
    [TestCase(HttpStatusCode.ServiceUnavailable)]
    public async Task SendAsync_Afterwards_TheCallersMessageIsAsItWas(HttpStatusCode status)
    {
        using var stub = StubHandler.Answering(status);
        await using var host = new ClientHost(Given.Orders(), stub);
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://orders/items?page=1");
        request.Headers.Add("x-own", "1");
        var uri = request.RequestUri;

        using var response = await host.CreateClient().SendAsync(request);

        Assert.That(stub.Requests[0].Message, Is.SameAs(request), "the first attempt is the caller's message");
        Assert.That(stub.Requests[0].Headers, Contains.Key(MeshHeaders.Timeout));
        Assert.That(stub.Requests[0].Host, Is.EqualTo("orders"));
        Assert.That(request.RequestUri, Is.SameAs(uri));
        Assert.That(request.Headers.Host, Is.Null);
        Assert.That(request.Content, Is.Null);
        Assert.That(request.Headers.Select(static header => header.Key), Is.EqualTo(["x-own"]));
    }

    [TestCase("orders")]
    [TestCase("orders.example")]
    public async Task SendAsync_CallerSetHost_IsSentAndKept(string name)
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Orders(), stub);
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://orders/");
        request.Headers.Host = name;

        using var response = await host.CreateClient().SendAsync(request);

        Assert.That(stub.Requests[0].Host, Is.EqualTo(name));
        Assert.That(request.Headers.Host, Is.EqualTo(name));
    }

    [Test]
    public async Task SendAsync_RelayedTimeoutHeader_IsReplaced()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Orders("""{ "AttemptTimeout": "2s" }"""), stub);
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://orders/");
        request.Headers.Add(MeshHeaders.Timeout, "99S");

        using var response = await host.CreateClient().SendAsync(request);

        Assert.That(stub.Requests[0].Headers[MeshHeaders.Timeout], Is.EqualTo("2000m"));
    }

    // As a relative reference "//evil.example/x" names another host.
    [TestCase("https://orders//evil.example/x", "//evil.example/x")]
    [TestCase("https://orders/a%2Fb/%7Ec?q=%20", "/a%2Fb/~c?q=%20")]
    [TestCase("https://orders/a:b@c", "/a:b@c")]
    [TestCase("https://orders:9999/x", "/x")]
    public async Task SendAsync_AnyPath_StaysWithTheEndpoint(string uri, string path)
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Services("""{ "orders": { "https": [ "10.0.0.1:81" ] } }""", "{}"), stub);

        using var response = await host.CreateClient().GetAsync(new Uri(uri));

        Assert.That(stub.Requests[0].Uri.Authority, Is.EqualTo("10.0.0.1:81"));
        Assert.That(stub.Requests[0].Uri.PathAndQuery, Is.EqualTo(path));
    }

    [Test]
    public async Task Send_Synchronously_GoesThroughTheMesh()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Orders(), stub);
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://orders/");

        using var response = host.CreateClient().Send(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(stub.Requests, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task SendAsync_ServiceNameInAnyCase_IsOneService()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Orders(), stub);
        using var first = await host.CreateClient().GetAsync(new Uri("https://ORDERS/"));
        using var second = await host.CreateClient().GetAsync(new Uri("https://orders/"));

        Assert.That(host.State.GetServices(), Has.Count.EqualTo(1));
    }
}
