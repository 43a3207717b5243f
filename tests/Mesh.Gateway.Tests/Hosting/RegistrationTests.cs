using Mesh.Gateway.Forwarding;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Gateway.Tests.Hosting;

public sealed class RegistrationTests
{
    [Test]
    public void AddMeshGateway_Twice_IsHarmless()
    {
        var services = new ServiceCollection().AddMeshGateway();
        var count = services.Count;
        services.AddMeshGateway();
        Assert.That(services, Has.Count.EqualTo(count));
        Assert.That(services.Count(static service => service.ServiceType == typeof(GatewayForwarder)), Is.EqualTo(1));
    }

    [Test]
    public void AddMeshLogin_Twice_IsHarmless()
    {
        var services = new ServiceCollection().AddMeshLogin();
        var count = services.Count;
        services.AddMeshLogin();
        Assert.That(services, Has.Count.EqualTo(count));
    }

    // Such a scheme would have ASP.NET's middleware run for each request of the gateway.
    [Test]
    public async Task AddMeshLogin_Always_AddsNoSchemeThatAnswersRequests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.AddMeshLogin();
        await using var app = builder.Build();
        Assert.That(await app.Services.GetRequiredService<IAuthenticationSchemeProvider>().GetRequestHandlerSchemesAsync(), Is.Empty);
    }

    [Test]
    public void MapMeshGateway_WithoutAddMeshGateway_SaysWhatIsMissing()
    {
        var app = WebApplication.CreateSlimBuilder().Build();
        Assert.That(() => app.MapMeshGateway(), Throws.InvalidOperationException.With.Message.Contains("Add"));
    }

    [Test]
    public async Task OwnEndpoints_ComeBeforeTheGateway()
    {
        await using var backend = await Backend.StartAsync();
        await using var edge = await Edge.StartAsync(Edge.Everything("a"), ("a", backend.Address));
        Assert.That(await edge.Client.GetStringAsync(new Uri("/own", UriKind.Relative)), Is.EqualTo("own"));
        Assert.That(await edge.Client.GetStringAsync(new Uri("/other", UriKind.Relative)), Is.EqualTo("ok"));
    }
}
