using System.Diagnostics.Metrics;
using System.Net;
using Mesh.Server.Problems;
using Mesh.Server.Telemetry;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Mesh.Server.Tests.Problems;

internal sealed class MeshProblemTests
{
    private static readonly MeshProblem Busy = new(503, "busy", "Too much to do.", "Say \"please\" <later>.") { RetryAfter = TimeSpan.FromSeconds(1.2) };

    [Test]
    public async Task WriteAsync_KeepsFieldsOfEarlierMiddleware_AndCounts()
    {
        await using var app = await StartAsync();
        var counted = new System.Collections.Concurrent.ConcurrentBag<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name == MeshServerTelemetry.RefusalsName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => counted.Add(tags[0].Value!.ToString()!));
        listener.Start();

        using var response = await app.Peer().GetAsync("/busy");

        var problem = await ProblemAssert.IsProblemAsync(response, HttpStatusCode.ServiceUnavailable, "busy");
        Assert.That(problem.GetProperty("detail").GetString(), Is.EqualTo(Busy.Detail));
        Assert.That(response.Headers.RetryAfter!.Delta, Is.EqualTo(TimeSpan.FromSeconds(2)));
        Assert.That(response.Headers.GetValues("earlier"), Is.EqualTo(new[] { "kept" }));
        Assert.That(counted, Does.Contain("busy"));
    }

    [Test]
    public async Task WriteAsync_GrpcCall_GetsTrailersOnly()
    {
        await using var app = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/busy") { Version = HttpVersion.Version20, Content = new ByteArrayContent([]) };
        request.Content.Headers.ContentType = new("application/grpc+proto");

        using var response = await app.Peer().SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(response.Headers.GetValues("grpc-status"), Is.EqualTo(new[] { "14" }));
        Assert.That(await response.Content.ReadAsByteArrayAsync(), Is.Empty);
    }

    [Test]
    public async Task WriteAsync_Head_HasNoBody()
    {
        await using var app = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Head, "/busy");

        using var response = await app.Peer().SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(await response.Content.ReadAsByteArrayAsync(), Is.Empty);
    }

    private static Task<ServedApp> StartAsync() => ServedApp.StartAsync(
        static app => app.Map("/busy", static (HttpContext http) =>
        {
            http.Response.Headers["earlier"] = "kept";
            return Busy.WriteAsync(http);
        }),
        []);
}
