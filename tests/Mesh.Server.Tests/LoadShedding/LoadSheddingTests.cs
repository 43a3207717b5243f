using System.Net;
using Mesh.Configuration;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Mesh.Server.Tests.LoadShedding;

/// <summary>Shedding on real sockets.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class LoadSheddingTests
{
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _inside;

    [Test]
    public async Task Request_BeyondTheLimit_IsRefusedWithRetryAfter()
    {
        await using var app = await StartAsync(Fixed(limit: 1));
        var first = app.Peer().GetAsync("/slow");
        await UntilInsideAsync(1);

        using var second = await app.Peer().GetAsync("/slow");

        await ProblemAssert.IsProblemAsync(second, HttpStatusCode.ServiceUnavailable, "temporary-reduced-capacity");
        Assert.That(second.Headers.RetryAfter?.Delta, Is.EqualTo(TimeSpan.FromSeconds(1)));
        _release.SetResult();
        Assert.That((await first).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await app.Peer().GetAsync("/slow")).StatusCode, Is.EqualTo(HttpStatusCode.OK), "the place is free again");
    }

    [Test]
    public async Task Health_IsServedWhateverThereIsToDo()
    {
        await using var app = await StartAsync(Fixed(limit: 1));
        var first = app.Peer().GetAsync("/slow");
        await UntilInsideAsync(1);

        Assert.That(await app.Plaintext().GetStringAsync("/health"), Is.EqualTo("well"));
        _release.SetResult();
        await first;
    }

    [Test]
    public async Task EventStream_DoesNotTakeAPlace()
    {
        await using var app = await StartAsync(Fixed(limit: 1));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/slow");
        request.Headers.Accept.ParseAdd("text/event-stream");
        var stream = app.Peer().SendAsync(request);
        await UntilInsideAsync(1);

        Assert.That(await app.Peer().GetStringAsync("/criticality"), Is.EqualTo("Critical"));
        _release.SetResult();
        await stream;
    }

    [TestCase("sheddable", "Sheddable")]
    [TestCase("critical-plus", "CriticalPlus")]
    [TestCase("whatever", "Critical")]
    [TestCase(null, "Critical")]
    public async Task Criticality_OfAPeer_IsTheContexts(string? sent, string expected)
    {
        await using var app = await StartAsync(Fixed(limit: 10));

        Assert.That(await CriticalityAsync(app.Peer(), sent), Is.EqualTo(expected));
    }

    [Test]
    public async Task Criticality_OfAStranger_IsNotBelieved()
    {
        await using var app = await StartAsync([.. Fixed(limit: 10), ("PeerAuthentication", "Permissive")]);

        Assert.That(await CriticalityAsync(app.Plaintext(), "critical-plus"), Is.EqualTo("Critical"));
    }

    [Test]
    public async Task Route_Criticality_CountsMoreThanTheCallers()
    {
        await using var app = await StartAsync([.. Fixed(limit: 10), ("LoadShedding:Routes:0:Paths:0", "/crit*"), ("LoadShedding:Routes:0:Criticality", "SheddablePlus")]);

        Assert.That(await CriticalityAsync(app.Peer(), "critical-plus"), Is.EqualTo("SheddablePlus"));
    }

    [Test]
    public async Task Route_Limit_HoldsForItAlone_AlsoWithoutAnAlgorithm()
    {
        await using var app = await StartAsync(("LoadShedding:Routes:0:Paths:0", "/slow"), ("LoadShedding:Routes:0:Limit", "1"));
        var first = app.Peer().GetAsync("/slow");
        await UntilInsideAsync(1);

        using var second = await app.Peer().GetAsync("/slow");
        using var other = await app.Peer().GetAsync("/criticality");

        Assert.That((second.StatusCode, other.StatusCode), Is.EqualTo((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK)));
        _release.SetResult();
        await first;
    }

    [Test]
    public async Task Reload_WhatIsInFlightStaysCounted()
    {
        await using var app = await StartAsync(Fixed(limit: 1));
        var first = app.Peer().GetAsync("/slow");
        await UntilInsideAsync(1);

        app.Reconfigure(("LoadShedding:InitialLimit", "2"));
        var second = app.Peer().GetAsync("/slow");
        await UntilInsideAsync(2);
        using var third = await app.Peer().GetAsync("/slow");

        Assert.That(third.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        _release.SetResult();
        await Task.WhenAll(first, second);
    }

    [Test]
    public async Task Application_Throws_ItsPlaceIsFreeAgain()
    {
        await using var app = await StartAsync(Fixed(limit: 1));

        for (var i = 0; i < 3; i++)
        {
            Assert.That((await app.Peer().GetAsync("/throw")).StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
        }
    }

    [TestCase("Algorithm", "Best", "LoadShedding:Algorithm: found 'Best', allowed is one of Off, Fixed, Aimd, Vegas, Gradient2, Gradient")]
    [TestCase("MinLimit", "0", "LoadShedding:MinLimit: found '0'")]
    [TestCase("InitialLimit", "2000", "LoadShedding:InitialLimit: found '2000', allowed is a number from 3 to 1000")]
    [TestCase("QueueTime", "1ms", "LoadShedding:OverloadedQueueTime: found '00:00:00.0050000', allowed is at most QueueTime")]
    [TestCase("MaxGcPausePercent", "0", "LoadShedding:MaxGcPausePercent: found '0'")]
    [TestCase("Routes:0:Limit", "5", "LoadShedding:Routes:0:Paths: found ''")]
    [TestCase("Routes:0:Paths:0", "/a/*/b", "LoadShedding:Routes:0:Paths:0: found '/a/*/b'")]
    public void Start_WithAMistake_NamesTheField(string field, string value, string error) => Assert.That(
        async () => await StartAsync(($"LoadShedding:{field}", value)),
        Throws.TypeOf<MeshConfigurationException>().With.Message.Contains(error));

    private static (string, string?)[] Fixed(int limit) =>
    [
        ("LoadShedding:Algorithm", "Fixed"),
        ("LoadShedding:InitialLimit", $"{limit}"),
        ("LoadShedding:MinLimit", "1"),
        ("LoadShedding:QueueLength", "0"),
    ];

    private static async Task<string> CriticalityAsync(HttpClient client, string? sent)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/criticality");
        if (sent is not null)
        {
            request.Headers.Add(MeshHeaders.Criticality, sent);
        }

        using var response = await client.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }

    private async Task UntilInsideAsync(int count)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (Volatile.Read(ref _inside) < count)
        {
            await Task.Delay(5, timeout.Token);
        }
    }

    private Task<ServedApp> StartAsync(params (string, string?)[] settings) => ServedApp.StartAsync(
        app =>
        {
            app.MapGet("/slow", async () =>
            {
                Interlocked.Increment(ref _inside);
                await _release.Task;
                return "done";
            });
            app.MapGet("/health", static () => "well");
            app.MapGet("/criticality", static () => MeshContext.Current!.Criticality.ToString());
            app.MapGet("/throw", static string (HttpContext _) => throw new InvalidOperationException("on purpose"));
        },
        settings);
}
