using Mesh.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.EndToEnd.Tests.Chains;

/// <summary>A process with a bad configuration does not start, and says everything that is wrong with it at once.</summary>
public sealed class StartTests
{
    [Test]
    public async Task Start_ConfigurationWrongInEveryPackage_ListsEveryErrorWithItsPath()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Urls"] = "http://127.0.0.1:0",
            ["Mesh:Identity:DevelopmentDirectory"] = Path.Combine(TestContext.CurrentContext.WorkDirectory, "start-ca"),
            ["Mesh:Client:Services:orders:Timeout"] = "soon",
            ["Mesh:Client:Services:orders:Retry:Attemps"] = "3",
            ["Mesh:Server:RateLimits:0:Name"] = "all",
            ["Mesh:Server:RateLimits:0:Limit"] = "-1",
            ["Mesh:Gateway:Routes:orders:Rules:0:Matches:0:Path:Value"] = "no-slash",
        });
        builder.AddMeshClient();
        builder.AddMeshServer();
        builder.AddMeshGateway();
        using var app = builder.Build();
        app.MapMeshGateway();

        var refused = await Assert.ThrowsAsync<MeshConfigurationException>(() => app.StartAsync());

        Assert.That(refused!.Errors, Has.Count.EqualTo(4));
        Assert.That(refused.Message, Does.Contain("Mesh:Client:Services:orders:Timeout: found 'soon', allowed is a duration")
            .And.Contain("Mesh:Client:Services:orders:Retry:Attemps: there is no such setting; allowed here are Attempts")
            .And.Contain("Mesh:Server:RateLimits:0:Limit: found '-1'")
            .And.Contain("Mesh:Gateway:Routes:orders:Rules:0:Matches:0:Path:Value: found 'no-slash'"));
    }
}
