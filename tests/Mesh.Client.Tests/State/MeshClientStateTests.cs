using System.Net;
using System.Text.Json;
using Mesh.Client.Tests.Fixtures;
using Mesh.State;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.State;

public sealed class MeshClientStateTests
{
    [Test]
    public async Task Write_AfterCalls_TellsServicesEndpointsEjectionsAndBudget()
    {
        var time = new FakeTimeProvider();
        using var stub = new StubHandler(static seen => Given.Response(seen.Uri.Port == 1 ? HttpStatusCode.InternalServerError : HttpStatusCode.OK));
        await using var host = new ClientHost(
            Given.Orders("""{ "Retry": { "Attempts": 0 }, "Ejection": { "ConsecutiveFailures": 1, "BaseTime": "30s" } }"""), stub, time);
        for (var i = 0; i < 50; i++)
        {
            (await host.CreateClient().GetAsync(new Uri("https://orders/"))).Dispose();
        }

        time.Advance(TimeSpan.FromSeconds(10));
        host.Configuration.Replace(Given.Orders("""{ "Retry": { "Attempts": 1 } }"""));
        using var json = Write(host.Services.GetServices<IMeshStateSource>().Single(static source => source.Name == "client"));

        Assert.That(json.RootElement.GetProperty("policyRevision").GetInt32(), Is.EqualTo(1));
        var service = json.RootElement.GetProperty("services").EnumerateArray().Single();
        Assert.That(service.GetProperty("name").GetString(), Is.EqualTo("orders"));
        Assert.That(service.GetProperty("scheme").GetString(), Is.EqualTo("https"));
        Assert.That(service.GetProperty("retryBudget").GetInt64(), Is.GreaterThanOrEqualTo(100));
        Assert.That(service.GetProperty("retriesRefused").GetInt64(), Is.Zero);
        var endpoints = service.GetProperty("endpoints").EnumerateArray().ToArray();
        Assert.That(endpoints.Select(static endpoint => endpoint.GetProperty("address").GetString()), Is.EqualTo(["10.0.0.1:1", "10.0.0.2:2", "10.0.0.3:3"]));
        Assert.That(endpoints[0].GetProperty("condition").GetString(), Is.EqualTo("Ejected"));
        Assert.That(endpoints[0].GetProperty("ejectedForMs").GetInt64(), Is.EqualTo(20_000));
        Assert.That(endpoints[0].GetProperty("failures").GetInt64(), Is.EqualTo(1));
        Assert.That(endpoints[0].GetProperty("peakEwmaMs").GetDouble(), Is.EqualTo(5000 / Math.E).Within(1), "a failure, ten seconds ago");
        Assert.That(endpoints[1].GetProperty("condition").GetString(), Is.EqualTo("Healthy"));
        Assert.That(endpoints[1].TryGetProperty("ejectedForMs", out _), Is.False);
        Assert.That(endpoints[1].GetProperty("peer").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(endpoints.Sum(static endpoint => endpoint.GetProperty("requests").GetInt64()), Is.EqualTo(50));
        Assert.That(endpoints.Sum(static endpoint => endpoint.GetProperty("active").GetInt32()), Is.Zero);
    }

    [Test]
    public async Task Write_EndpointWithMetadata_TellsThem()
    {
        using var stub = new StubHandler(static _ => Given.Response(HttpStatusCode.OK));
        await using var host = new ClientHost(
            """{ "Services": { "orders": { "https": [ { "Address": "10.0.0.1:1", "Weight": 3, "Zone": "eu-1", "Version": "v2", "Labels": { "tier": "gold" } } ] } } }""", stub);
        (await host.CreateClient().GetAsync(new Uri("https://orders/"))).Dispose();

        using var json = Write(host.State);
        var endpoint = json.RootElement.GetProperty("services")[0].GetProperty("endpoints")[0];

        Assert.That(endpoint.GetProperty("weight").GetInt32(), Is.EqualTo(3));
        Assert.That(endpoint.GetProperty("priority").GetInt32(), Is.Zero);
        Assert.That(endpoint.GetProperty("zone").GetString(), Is.EqualTo("eu-1"));
        Assert.That(endpoint.GetProperty("version").GetString(), Is.EqualTo("v2"));
        Assert.That(endpoint.GetProperty("labels").GetProperty("tier").GetString(), Is.EqualTo("gold"));
        Assert.That(endpoint.TryGetProperty("region", out _), Is.False);
    }

    [Test]
    public async Task Write_NothingCalledYet_IsEmpty()
    {
        await using var host = new ClientHost("{}");
        using var json = Write(host.Services.GetRequiredService<Mesh.Client.State.MeshClientState>());
        Assert.That(json.RootElement.GetProperty("services").GetArrayLength(), Is.Zero);
    }

    private static JsonDocument Write(IMeshStateSource source)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            source.Write(writer);
        }

        return JsonDocument.Parse(buffer.WrittenMemory);
    }
}
