using System.Diagnostics.Metrics;
using System.Net;
using Mesh.Client.Calls;
using Mesh.Client.Tests.Fixtures;
using Mesh.Client.Tokens;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Tokens;

/// <summary>When tokens are fetched, and what happens while they cannot be.</summary>
public sealed class TokenLifeTests
{
    private static readonly Uri Orders = new("https://orders/");

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private ScriptedTokens _tokens = null!;
    private StubHandler _stub = null!;
    private ClientHost _host = null!;

    [SetUp]
    public void SetUp()
    {
        _tokens = new ScriptedTokens(_time);
        _stub = StubHandler.Answering(HttpStatusCode.OK);
        _host = new ClientHost(Given.Orders("""{ "AccessToken": { "Source": "Scripted" } }"""), _stub, _time, services => services.AddSingleton<IAccessTokenSource>(_tokens));
    }

    [TearDown]
    public async Task TearDown()
    {
        await _host.DisposeAsync();
        _stub.Dispose();
    }

    [Test]
    public async Task Token_ManyCallsAtOnce_IsFetchedOnce()
    {
        var finish = new TaskCompletionSource();
        _tokens.Before = _ => finish.Task;
        var calls = Enumerable.Range(0, 100).Select(_ => CallAsync()).ToArray();
        await Eventually.UntilAsync(() => _tokens.Asked > 0);

        finish.SetResult();
        await Task.WhenAll(calls);

        Assert.That(_tokens.Asked, Is.EqualTo(1));
        Assert.That(_stub.Requests.Select(static seen => seen.Headers["Authorization"]).Distinct(), Is.EqualTo(["Bearer token-1"]));
    }

    [Test]
    public async Task Token_CallsThatStopWaiting_DoNotEndTheFetch()
    {
        var finish = new TaskCompletionSource();
        _tokens.Before = _ => finish.Task;
        using var caller = new CancellationTokenSource();
        var first = _host.CreateClient().GetAsync(Orders, caller.Token);
        await Eventually.UntilAsync(() => _tokens.Asked > 0);
        var second = CallAsync();

        await caller.CancelAsync();
        var exception = await Assert.CatchAsync<OperationCanceledException>(() => first);
        finish.SetResult();

        Assert.That(exception!.CancellationToken, Is.EqualTo(caller.Token));
        Assert.That(await second, Is.EqualTo("Bearer token-1"));
    }

    [Test]
    public async Task Token_NearItsEnd_IsReplacedInTheBackgroundWhileItIsStillUsed()
    {
        await CallAsync();
        _time.Advance(TimeSpan.FromMinutes(6.9));
        await CallAsync();
        Assert.That(_tokens.Asked, Is.EqualTo(1), "70 % of its life at the earliest");

        var finish = new TaskCompletionSource();
        _tokens.Before = _ => finish.Task;
        _time.Advance(TimeSpan.FromMinutes(1.7));
        Assert.That(await CallAsync(), Is.EqualTo("Bearer token-1"), "nobody waits");
        Assert.That(await CallAsync(), Is.EqualTo("Bearer token-1"));
        await Eventually.UntilAsync(() => _tokens.Asked == 2);

        finish.SetResult();
        await Eventually.UntilAsync(() => CallAsync().Result == "Bearer token-2");
        Assert.That(_tokens.Asked, Is.EqualTo(2));
    }

    [Test]
    public async Task Token_WhileItsSourceIsDown_IsUsedToItsEndAndNotBeyond()
    {
        await CallAsync();
        _tokens.Before = static _ => throw new HttpRequestException("Down.");
        _time.Advance(TimeSpan.FromMinutes(9));
        for (var i = 0; i < 49; i++)
        {
            Assert.That(await CallAsync(), Is.EqualTo("Bearer token-1"));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        // Its end, less ten seconds for a clock that is ahead.
        _time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<MeshRejectedException>(CallAsync);

        _tokens.Before = static _ => Task.CompletedTask;
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.That(await CallAsync(), Does.StartWith("Bearer token-"));
        Assert.That(_host.Log.Mesh.Count(static text => text.Contains("No new access token", StringComparison.Ordinal)), Is.EqualTo(1), "said once");
        Assert.That(_host.Log.Mesh, Has.One.Contains("can be had again"));
    }

    [Test]
    public async Task Source_ThatFails_IsAskedLessAndLess()
    {
        _tokens.Before = static _ => throw new HttpRequestException("Down.");
        List<double> askedAt = [];
        var start = _time.GetUtcNow();
        for (var i = 0; i < 10_000 && askedAt.Count < 12; i++)
        {
            var before = _tokens.Asked;
            await Assert.ThrowsAsync<MeshRejectedException>(CallAsync);
            if (_tokens.Asked > before)
            {
                askedAt.Add((_time.GetUtcNow() - start).TotalSeconds);
            }

            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        var pauses = askedAt.Zip(askedAt.Skip(1), static (earlier, later) => later - earlier).ToArray();
        Assert.That(pauses, Has.Length.EqualTo(11));
        for (var i = 0; i < pauses.Length; i++)
        {
            var full = Math.Min(60, Math.Pow(2, i));
            Assert.That(pauses[i], Is.InRange(full / 2, full + 0.2), $"pause {i}");
        }
    }

    [Test]
    public async Task Token_OfUnknownLife_IsUsedForFiveMinutes()
    {
        _tokens.Lifetime = null;
        await CallAsync();
        _time.Advance(TimeSpan.FromMinutes(3.4));
        await CallAsync();
        Assert.That(_tokens.Asked, Is.EqualTo(1));

        _time.Advance(TimeSpan.FromMinutes(1.6));

        Assert.That(await CallAsync(), Is.EqualTo("Bearer token-2"));
    }

    [Test]
    public async Task Token_ThatHasEnded_IsNoToken()
    {
        _tokens.Lifetime = TimeSpan.FromSeconds(-1);

        var exception = await Assert.ThrowsAsync<MeshRejectedException>(CallAsync);

        Assert.That(exception!.Message, Does.Contain("check the clocks"));
    }

    [Test]
    public async Task Source_ThatDoesNotAnswer_IsGivenUpAfterItsTime()
    {
        _tokens.Before = static _ => new TaskCompletionSource().Task;
        var call = CallAsync();
        await Eventually.UntilAsync(() => _tokens.Asked == 1);

        await Eventually.UntilAsync(() => call.IsCompleted, () => _time.Advance(TimeSpan.FromSeconds(1)));

        Assert.That((await Assert.ThrowsAsync<MeshRejectedException>(() => call))!.Message, Does.Contain("Source 'Scripted' did not answer within 00:00:05"));
    }

    [Test]
    public async Task Reload_OtherSettings_KeepTheTokenAndItsOwnReplaceIt()
    {
        await CallAsync();
        _host.Configuration.Replace(Given.Orders("""{ "Timeout": "3s", "AccessToken": { "Source": "Scripted" } }"""));
        Assert.That(await CallAsync(), Is.EqualTo("Bearer token-1"));

        _host.Configuration.Replace(Given.Orders("""{ "Timeout": "3s", "AccessToken": { "Source": "Scripted", "Scopes": [ "more" ] } }"""));
        Assert.That(await CallAsync(), Is.EqualTo("Bearer token-2"));

        _host.Configuration.Replace(Given.Orders("""{ "Timeout": "3s" }"""));
        Assert.That(await CallAsync(), Is.Null);
    }

    [Test]
    public async Task Metrics_Always_TellFetchesFailuresAndTheEnd()
    {
        List<string> fetches = [];
        var expiry = 0d;
        using var listener = new MeterListener();
        var meter = _host.Services.GetRequiredService<IMeterFactory>().Create("Mesh.Client");
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (ReferenceEquals(instrument.Meter, meter) && instrument.Name.StartsWith("mesh.client.token.", StringComparison.Ordinal))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => fetches.Add(string.Join(' ', tags.ToArray().Select(static tag => tag.Value))));
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => expiry = value);
        listener.Start();
        _tokens.Before = static number => number == 1 ? throw new HttpRequestException("Down.") : Task.CompletedTask;

        await Assert.ThrowsAsync<MeshRejectedException>(CallAsync);
        _time.Advance(TimeSpan.FromSeconds(2));
        await CallAsync();

        Assert.That(fetches, Is.EqualTo(["orders failure source", "orders success"]));
        Assert.That(expiry, Is.EqualTo((_time.GetUtcNow() + TimeSpan.FromMinutes(10)).ToUnixTimeMilliseconds() / 1000d));
    }

    private async Task<string?> CallAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Orders);
        using var response = await _host.CreateClient().SendAsync(request);
        return _stub.Requests.Single(seen => seen.Message == request).Headers.GetValueOrDefault("Authorization");
    }
}
