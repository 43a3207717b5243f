using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.EndToEnd.Tests.Hosting;

/// <summary>What the packages fetch for themselves comes from the place that was configured, whichever of them are together in one application.</summary>
public sealed class RedirectTests
{
    [TestCase("Mesh.Server.Jwks", true)]
    [TestCase("Mesh.Server.Jwks", false)]
    [TestCase("Mesh.Server.Introspection", true)]
    [TestCase("Mesh.Server.Introspection", false)]
    [TestCase("Mesh.Server.Authorizer", true)]
    [TestCase("Mesh.Server.Authorizer", false)]
    [TestCase("Mesh.Client.Tokens", true)]
    public async Task OwnClients_Redirected_DoNotFollow(string name, bool hasClient)
    {
        await using var elsewhere = await StartAsync(static http => Task.CompletedTask);
        await using var issuer = await StartAsync(http =>
        {
            http.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            http.Response.Headers.Location = elsewhere.Urls.Single();
            return Task.CompletedTask;
        });
        var builder = WebApplication.CreateSlimBuilder();
        builder.AddMeshServer();
        if (hasClient)
        {
            builder.AddMeshClient();
        }

        await using var app = builder.Build();
        using var client = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient(name);
        using var response = await client.PostAsync(new Uri(issuer.Urls.Single()), new StringContent("secret"));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.TemporaryRedirect));
    }

    private static async Task<WebApplication> StartAsync(RequestDelegate serve)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(serve);
        await app.StartAsync();
        return app;
    }
}
