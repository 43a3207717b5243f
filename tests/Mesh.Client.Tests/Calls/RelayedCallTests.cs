using Mesh.Client.State;
using Mesh.Client.Tests.Fixtures;
using Mesh.Client.Timeouts;
using Mesh.Configuration;
using Mesh.Routing;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Tests.Calls;

/// <summary>Calls of a gateway, which has chosen rule and backend itself and hands the answer on.</summary>
public sealed class RelayedCallTests
{
    [TestCase(true, "{}", false)]
    [TestCase(false, "{}", true)]
    [TestCase(true, """{ "BodyIdleTimeout": "5s" }""", true)]
    public async Task SendAsync_BodyIsRelayed_IsWatchedOverOnlyWhereTheServiceSaysSo(bool relays, string policy, bool isGuarded)
    {
        using var stub = new StubHandler(static _ => new HttpResponseMessage { Content = new StringContent("42 cups") });
        await using var host = new ClientHost(Given.Orders(policy), stub);
        using var ambient = MeshContext.Use(Chosen(choice => choice with { RelaysBodies = relays }));

        using var response = await host.CreateClient().GetAsync(new Uri("https://orders/items"), HttpCompletionOption.ResponseHeadersRead);

        Assert.That(response.Content, isGuarded ? Is.TypeOf<GuardedContent>() : Is.TypeOf<StringContent>());
        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("42 cups"));
    }

    [Test]
    public async Task SendAsync_SchemeOfTheChoice_FindsTheServiceUnderItWhateverTheUriSays()
    {
        await using var service = await MeshService.StartAsync(null, static context => context.Response.WriteAsync("42 cups"));
        await using var host = new ClientHost(Given.Services($$"""{ "orders": { "http": [ "{{service.Url}}" ] } }""", "{}"));
        var state = host.State;
        Assert.That(state.FindScheme("orders"), Is.Null, "before anybody has called it");
        using (var first = await host.CreateClient().GetAsync(new Uri("https+http://orders/")))
        {
            Assert.That(state.FindScheme("orders"), Is.EqualTo("http"));
        }

        using var ambient = MeshContext.Use(Chosen(static choice => choice with { Scheme = "https+http" }));
        using var second = await host.CreateClient().GetAsync(new Uri("http://orders/"));

        Assert.That(await second.Content.ReadAsStringAsync(), Is.EqualTo("42 cups"));
        Assert.That(state.GetServices(), Has.Count.EqualTo(1), "there is one state for the service, and not one for each scheme");
    }

    private static MeshContext Chosen(Func<RouteChoice, RouteChoice> configure)
    {
        var errors = new ConfigurationErrors();
        var table = RouteTable.Compile(
            new Dictionary<string, RouteOptions> { ["all"] = new() { Rules = [new() { BackendRefs = [new() { Name = "orders" }] }] } }, "Routes", errors);
        errors.ThrowIfAny("routes");
        var context = new MeshContext();
        context.Choose(configure(new RouteChoice(table.Rules[0], table.Rules[0].Backends[0])), null, null);
        return context;
    }
}
