using System.Net;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Mesh.Server.Tests.Pipeline;

/// <summary>A service that has repeated what failed behind it tells its callers, who must not multiply that.</summary>
internal sealed class RetriedTests
{
    [TestCase("/status")]
    [TestCase("/body")]
    [TestCase("/cleared")]
    public async Task Answer_AfterRepeatedFailure_SaysSo(string path)
    {
        await using var app = await StartAsync();

        using var response = await app.Peer().GetAsync(path);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadGateway));
        Assert.That(response.Headers.TryGetValues(MeshHeaders.Retried, out var values) ? values : [], Is.EqualTo(new[] { "1" }));
    }

    [Test]
    public async Task Answer_OfTheDeadline_SaysSoToo()
    {
        await using var app = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/slow") { Headers = { { MeshHeaders.Timeout, "100m" } } };

        using var response = await app.Peer().SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.GatewayTimeout));
        Assert.That(response.Headers.Contains(MeshHeaders.Retried), Is.True);
    }

    [Test]
    public async Task Answer_WithoutFailure_SaysNothing()
    {
        await using var app = await StartAsync();

        using var response = await app.Peer().GetAsync("/fine");

        Assert.That(response.Headers.Contains(MeshHeaders.Retried), Is.False);
    }

    [Test]
    public async Task Answer_ToAStranger_SaysNothing()
    {
        await using var app = await StartAsync();

        using var response = await app.Plaintext().GetAsync("/status");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadGateway));
        Assert.That(response.Headers.Contains(MeshHeaders.Retried), Is.False);
    }

    private static Task<ServedApp> StartAsync() => ServedApp.StartAsync(
        static app =>
        {
            app.MapGet("/fine", static () => "fine");
            app.MapGet("/status", static (HttpContext http) =>
            {
                MeshContext.Current!.MarkRetried();
                http.Response.StatusCode = StatusCodes.Status502BadGateway;
            });
            app.MapGet("/body", static async (HttpContext http) =>
            {
                MeshContext.Current!.MarkRetried();
                http.Response.StatusCode = StatusCodes.Status502BadGateway;
                await http.Response.WriteAsync("no");
            });
            app.MapGet("/cleared", static (HttpContext http) =>
            {
                MeshContext.Current!.MarkRetried();
                http.Response.Clear();
                http.Response.StatusCode = StatusCodes.Status502BadGateway;
            });
            app.MapGet("/slow", static async (HttpContext http) =>
            {
                MeshContext.Current!.MarkRetried();
                await Task.Delay(Timeout.Infinite, http.RequestAborted);
            });
        },
        [("PeerAuthentication", "Permissive")]);
}
