using Mesh.Client.Tests.Fixtures;
using Mesh.Configuration;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Hedging;

public sealed class HedgingSettingsTests
{
    private static readonly Uri Uri = new("https://orders/items");

    private readonly FakeTimeProvider _time = new();

    [TestCase("""{ "Percentile": 95, "Delay": "1s" }""", "Hedging: allowed is one of Percentile and Delay.")]
    [TestCase("""{ "Percentile": 40 }""", "Hedging:Percentile: found '40', allowed is a number from 50 to 99.9.")]
    [TestCase("""{ "Delay": "0s" }""", "Hedging:Delay: found '00:00:00'")]
    [TestCase("""{ "Delay": "1s", "Attempts": 5 }""", "Hedging:Attempts: found '5', allowed is a number from 0 to 4.")]
    [TestCase("""{ "After": "1s" }""", "Hedging:After: there is no such setting")]
    public async Task Settings_Wrong_AreRefused(string hedging, string message)
    {
        await using var host = new ClientHost(Given.Orders($$"""{ "Hedging": {{hedging}} }"""));

        Assert.That(() => host.Directory, Throws.InstanceOf<MeshConfigurationException>().With.Message.Contains(message));
    }

    [TestCase("""{ "Defaults": { "Hedging": { "Delay": "100ms" } } }""", 1)]
    [TestCase("""{ "Defaults": { "Hedging": { "Percentile": 95 } }, "Services": { "orders": { "Hedging": { "Delay": "100ms" } } } }""", 1)]
    [TestCase("""{ "Defaults": { "Hedging": { "Delay": "100ms" } }, "Services": { "orders": { "Hedging": { "Attempts": 0 } } } }""", 0)]
    [TestCase("""{ "Defaults": { "Hedging": { "Delay": "100ms" } }, "Services": { "orders": { "Hedging": { "Percentile": 95 } } } }""", 0)]
    [TestCase("""{ "Services": { "orders": { "Hedging": { "Attempts": 2 } } } }""", 0)]
    [TestCase("""{ "Services": { "orders": { "Rules": [ { "Hedging": { "Delay": "100ms" }, "BackendRefs": [ { "Name": "orders" } ] } ] } } }""", 1)]
    [TestCase("""{ "Services": { "orders": { "Hedging": { "Percentile": 95 }, "Rules": [ { "Hedging": { "Delay": "100ms" }, "BackendRefs": [ { "Name": "orders" } ] } ] } } }""", 1)]
    [TestCase("""{ "Services": { "orders": { "Hedging": { "Delay": "100ms" }, "Rules": [ { "Hedging": { "Attempts": 0 }, "BackendRefs": [ { "Name": "orders" } ] } ] } } }""", 0)]
    [TestCase("""{ "Services": { "orders": { "Hedging": { "Delay": "100ms" }, "Rules": [ { "Retry": { "Attempts": 1 }, "BackendRefs": [ { "Name": "orders" } ] } ] } } }""", 1)]
    public async Task Settings_OnSeveralLevels_TheNearestHolds(string client, int hedges)
    {
        using var stub = Slow();
        await using var host = new ClientHost(Configuration(client), stub, _time);

        Assert.That(await HedgesAsync(host), Is.EqualTo(hedges));
    }

    [Test]
    public async Task Settings_Reloaded_HoldFromTheNextCallOn()
    {
        using var stub = Slow();
        await using var host = new ClientHost(Configuration("{}"), stub, _time);
        Assert.That(await HedgesAsync(host), Is.Zero);

        host.Configuration.Replace(Configuration("""{ "Services": { "orders": { "Hedging": { "Delay": "50ms" } } } }"""));
        Assert.That(await HedgesAsync(host), Is.EqualTo(1));

        host.Configuration.Replace(Configuration("""{ "Services": { "orders": { "Hedging": { "Delay": "50ms", "Attempts": 0 } } } }"""));
        Assert.That(await HedgesAsync(host), Is.EqualTo(1), "no more than before");
    }

    [Test]
    public async Task Percentile_CallsWereMeasured_HedgesThoseAbove()
    {
        var slow = TimeSpan.FromMilliseconds(10);
        using var stub = new StubHandler(async (seen, token) =>
        {
            await Task.Delay(seen.Headers.ContainsKey(MeshHeaders.Attempt) ? TimeSpan.Zero : slow, _time, token);
            return new HttpResponseMessage();
        });
        await using var host = new ClientHost(Configuration("""{ "Services": { "orders": { "Hedging": { "Percentile": 90 } } } }"""), stub, _time);
        var client = host.CreateClient();
        for (var i = 0; i < 20; i++)
        {
            var call = client.GetAsync(Uri);
            await Eventually.UntilAsync(() => call.IsCompleted, () => _time.Advance(TimeSpan.FromMilliseconds(10)));
        }

        Assert.That(host.State.GetServices().Single().Hedges, Is.Zero);
        _time.Advance(TimeSpan.FromSeconds(5));
        slow = TimeSpan.FromSeconds(2);

        Assert.That(await HedgesAsync(host), Is.EqualTo(1));
        Assert.That(host.State.GetServices().Single().HedgeDelay, Is.InRange(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(200)));
    }

    private static string Configuration(string client) =>
        $$"""{ "Services": { "orders": { "https": [ "10.0.0.1:1", "10.0.0.2:2", "10.0.0.3:3" ] } }, "Mesh": { "Client": {{client}} } }""";

    // Half a second for the first attempt, none for a hedge.
    private StubHandler Slow() => new(async (seen, token) =>
    {
        await Task.Delay(seen.Headers.ContainsKey(MeshHeaders.Attempt) ? TimeSpan.Zero : TimeSpan.FromMilliseconds(500), _time, token);
        return new HttpResponseMessage();
    });

    private async Task<long> HedgesAsync(ClientHost host)
    {
        var call = host.CreateClient().GetAsync(Uri);
        await Eventually.UntilAsync(() => call.IsCompleted, () => _time.Advance(TimeSpan.FromMilliseconds(20)));
        using var response = await call;
        return host.State.GetServices().Single().Hedges;
    }
}
