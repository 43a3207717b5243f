using System.Net;
using Mesh.Configuration;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Tests.Hosting;

public sealed class ReloadTests
{
    [Test]
    public async Task Routes_ReplacedUnderTraffic_NoRequestFails()
    {
        await using var first = await Backend.StartAsync(static http => http.Response.WriteAsync("a"));
        await using var second = await Backend.StartAsync(static http => http.Response.WriteAsync("b"));
        await using var edge = await Edge.StartAsync(Edge.Everything("a"), ("a", first.Address), ("b", second.Address));
        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                using var response = await edge.Client.GetAsync(new Uri("/", UriKind.Relative));
                Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            }
        })).ToArray();
        for (var i = 0; i < 20; i++)
        {
            var target = i % 2 == 0 ? "b" : "a";
            edge.Reload(Edge.Everything(target));
            Assert.That(await edge.Client.GetStringAsync(new Uri("/", UriKind.Relative)), Is.EqualTo(target));
        }

        await stop.CancelAsync();
        await Task.WhenAll(callers);
    }

    [Test]
    public async Task Routes_InvalidReload_KeepsTheLastGood()
    {
        await using var backend = await Backend.StartAsync();
        await using var edge = await Edge.StartAsync(Edge.Everything("a"), ("a", backend.Address));
        edge.Reload("""{ "r": { "Rules": [ { "Matches": [ { "Path": { "Value": "no-slash" } } ], "BackendRefs": [ { "Name": "a" } ] } ] } }""");
        Assert.That(await edge.Client.GetStringAsync(new Uri("/x", UriKind.Relative)), Is.EqualTo("ok"));
    }

    [Test]
    public void Routes_InvalidAtStart_NothingListensAndEveryErrorIsNamed() =>
        Assert.That(
            async () => await Edge.StartAsync("""{ "r": { "Rules": [ { "Matchs": [], "BackendRefs": [ { "Name": "a", "Weight": -1 } ] } ] } }"""),
            Throws.TypeOf<MeshConfigurationException>().With.Message.Contains("Mesh:Gateway:Routes:r:Rules:0:Matchs: there is no such setting")
                .And.Message.Contains("Mesh:Gateway:Routes:r:Rules:0:BackendRefs:0:Weight: found '-1'"));
}
