using System.Net;
using Mesh.Configuration;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Server.Tests.Draining;

/// <summary>A process that was told to stop, under a clock of the test's own.</summary>
internal sealed class DrainTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Test]
    public async Task Stop_ReadinessFailsAtOnceAndRequestsAreServedForTheGraceTime()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var app = await StartAsync(time, "10s");
        Assert.That((await StatusAsync(app, "/health"), await StatusAsync(app, "/alive")), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.OK)));

        var stopping = app.Services.GetRequiredService<IHost>().StopAsync();
        await UntilAsync(async () => await StatusAsync(app, "/health") == HttpStatusCode.ServiceUnavailable);

        Assert.That(await StatusAsync(app, "/alive"), Is.EqualTo(HttpStatusCode.OK), "it is not dead");
        using var early = await app.Peer().GetAsync("/work");
        Assert.That((early.StatusCode, early.Headers.ConnectionClose), Is.EqualTo((HttpStatusCode.OK, (bool?)null)));
        Assert.That(stopping.IsCompleted, Is.False);

        time.Advance(TimeSpan.FromSeconds(5));
        await UntilAsync(async () =>
        {
            using var late = await app.Peer().GetAsync("/work");
            return late is { StatusCode: HttpStatusCode.OK, Headers.ConnectionClose: true };
        });

        time.Advance(TimeSpan.FromSeconds(5));
        await stopping.WaitAsync(Soon);
        Assert.That(async () => await app.Peer().GetAsync("/work"), Throws.InstanceOf<HttpRequestException>());
    }

    [Test]
    public async Task Stop_OverHttp2_TheConnectionIsGivenUp()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var app = await StartAsync(time, "10s");
        var first = await ConnectionAsync(app);
        Assert.That(await ConnectionAsync(app), Is.EqualTo(first), "one connection for all");

        var stopping = app.Services.GetRequiredService<IHost>().StopAsync();
        await UntilAsync(async () => await StatusAsync(app, "/health") == HttpStatusCode.ServiceUnavailable);
        time.Advance(TimeSpan.FromSeconds(5));
        await UntilAsync(async () => await ConnectionAsync(app) != first);

        time.Advance(TimeSpan.FromSeconds(5));
        await stopping.WaitAsync(Soon);
    }

    [Test]
    public async Task Stop_RequestInFlightAtTheEnd_IsFinished()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = await ServedApp.StartAsync(
            app => app.MapGet("/slow", async () =>
            {
                entered.SetResult();
                await release.Task;
                return "done";
            }),
            [("Drain:Grace", "0s")]);
        var call = app.Peer().GetStringAsync("/slow");
        await entered.Task.WaitAsync(Soon);

        var stopping = app.Services.GetRequiredService<IHost>().StopAsync();
        await Task.Delay(50);
        release.SetResult();

        Assert.That(await call, Is.EqualTo("done"));
        await stopping.WaitAsync(Soon);
    }

    [Test]
    public async Task Stop_HostIsOutOfTime_TheGraceTimeIsCutShort()
    {
        await using var app = await StartAsync(new FakeTimeProvider(DateTimeOffset.UtcNow), "1h");
        using var hurry = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        await app.Services.GetRequiredService<IHost>().StopAsync(hurry.Token).WaitAsync(Soon);

        Assert.That(app.Log.Entries.Select(static entry => entry.Message), Has.Some.Contains("cut short"));
    }

    [Test]
    public async Task Alive_AsksTheChecksWithTheTagLiveOnly()
    {
        await using var app = await ServedApp.StartAsync(
            static app => app.MapMeshHealth(),
            [],
            static builder => builder.Services.AddHealthChecks().AddCheck("database", static () => HealthCheckResult.Unhealthy()));

        Assert.That((await StatusAsync(app, "/health"), await StatusAsync(app, "/alive")), Is.EqualTo((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK)));
    }

    [Test]
    public void Start_WithAGraceOfDays_NamesTheField() => Assert.That(
        async () => await ServedApp.StartAsync(static _ => { }, [("Drain:Grace", "02:00:00")]),
        Throws.TypeOf<MeshConfigurationException>().With.Message.Contains("Mesh:Server:Drain:Grace: found '02:00:00', allowed is a duration from 0 to 1 hour"));

    private static async Task<HttpStatusCode> StatusAsync(ServedApp app, string path)
    {
        using var response = await app.Plaintext().GetAsync(path);
        return response.StatusCode;
    }

    private static async Task<string> ConnectionAsync(ServedApp app)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/connection") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var response = await app.Peer().SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var timeout = new CancellationTokenSource(Soon);
        while (!await condition())
        {
            await Task.Delay(10, timeout.Token);
        }
    }

    private static Task<ServedApp> StartAsync(FakeTimeProvider time, string grace) => ServedApp.StartAsync(
        static app =>
        {
            app.MapMeshHealth();
            app.MapGet("/work", static () => "done");
            app.MapGet("/connection", static (Microsoft.AspNetCore.Http.HttpContext http) => http.Connection.Id);
        },
        [("Drain:Grace", grace)],
        builder => builder.Services.AddSingleton<TimeProvider>(time));
}
