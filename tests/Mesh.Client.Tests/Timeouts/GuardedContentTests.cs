using System.IO.Pipelines;
using System.Net;
using System.Text;
using Mesh.Client.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Timeouts;

public sealed class GuardedContentTests
{
    private static readonly Uri Uri = new("https://orders/items");

    private readonly FakeTimeProvider _time = new();
    private readonly Pipe _body = new();

    [Test]
    public async Task GetAsync_BodyStandsStill_TimesOut()
    {
        await using var host = Host(out var stub);
        var call = host.CreateClient().GetAsync(Uri);
        await WriteAsync("begin");
        await AdvanceAsync(TimeSpan.FromSeconds(59));
        await WriteAsync("more");
        await AdvanceAsync(TimeSpan.FromSeconds(59));
        Assert.That(call.IsCompleted, Is.False, "each read starts the pause anew");

        for (var i = 0; i < 100 && !call.IsCompleted; i++)
        {
            await AdvanceAsync(TimeSpan.FromSeconds(1));
        }

        var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => call);
        Assert.That(exception!.InnerException, Is.TypeOf<TimeoutException>());
        Assert.That(exception.Message, Does.Contain("stood still"));
        Assert.That(stub.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task GetAsync_BodyArrives_IsWhole()
    {
        await using var host = Host(out _);
        var call = host.CreateClient().GetAsync(Uri);
        await WriteAsync("begin ");
        await WriteAsync("end");
        await _body.Writer.CompleteAsync();

        using var response = await call;
        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("begin end"));
    }

    // As SocketsHttpHandler reports some broken HTTP/2 streams.
    [Test]
    public async Task GetAsync_BodyBreaksOffAsACancellation_IsNotTakenForAPause()
    {
        await using var host = Host(out _);
        var call = host.CreateClient().GetAsync(Uri);
        await _body.Writer.CompleteAsync(new OperationCanceledException("broken"));

        var exception = await Assert.CatchAsync<OperationCanceledException>(() => call);
        Assert.That(exception!.InnerException, Is.Not.TypeOf<TimeoutException>());
        Assert.That(exception.Message, Does.Not.Contain("stood still"));
    }

    // Streams underneath: HttpClient reads their bodies without buffering the content first.
    [Test]
    public async Task GetStringAsync_BodyStandsStill_TimesOut()
    {
        await using var host = Host(out _);
        var call = host.CreateClient().GetStringAsync(Uri);
        await WriteAsync("begin");

        for (var i = 0; i < 100 && !call.IsCompleted; i++)
        {
            await AdvanceAsync(TimeSpan.FromSeconds(1));
        }

        var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => call);
        Assert.That(exception!.InnerException, Is.TypeOf<TimeoutException>());
    }

    [TestCase("text/event-stream", "60s")]
    [TestCase("application/grpc", "60s")]
    [TestCase("text/plain", "0s")]
    public async Task GetStreamAsync_BodyThatMayBeSilent_IsWaitedFor(string type, string idle)
    {
        await using var host = Host(out _, type, idle);
        using var stream = await host.CreateClient().GetStreamAsync(Uri);
        var buffer = new byte[4];
        var reading = stream.ReadExactlyAsync(buffer).AsTask();
        await AdvanceAsync(TimeSpan.FromMinutes(10));
        await WriteAsync("late");

        await reading;

        Assert.That(Encoding.ASCII.GetString(buffer), Is.EqualTo("late"));
    }

    [Test]
    public async Task ReadAsync_CallerCancels_KeepsTheCallersToken()
    {
        await using var host = Host(out _);
        using var stream = await host.CreateClient().GetStreamAsync(Uri);
        using var caller = new CancellationTokenSource();
        var reading = stream.ReadAsync(new byte[4], caller.Token).AsTask();

        await caller.CancelAsync();

        var exception = await Assert.CatchAsync<OperationCanceledException>(() => reading);
        Assert.That(exception!.CancellationToken, Is.EqualTo(caller.Token));
    }

    [Test]
    public async Task Send_Synchronously_ReadsTheBody()
    {
        await using var host = Host(out _);
        await _body.Writer.WriteAsync("body"u8.ToArray());
        await _body.Writer.CompleteAsync();

        using var request = new HttpRequestMessage(HttpMethod.Get, Uri);
        using var response = await Task.Run(() => host.CreateClient().Send(request));

        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("body"));
    }

    private ClientHost Host(out StubHandler stub, string type = "text/plain", string idle = "60s")
    {
        stub = new StubHandler(_ =>
        {
            var content = new StreamContent(_body.Reader.AsStream());
            content.Headers.TryAddWithoutValidation("Content-Type", type);
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = content };
        });
        return new ClientHost(Given.Orders($$"""{ "BodyIdleTimeout": "{{idle}}" }"""), stub, _time);
    }

    private async Task WriteAsync(string text)
    {
        await _body.Writer.WriteAsync(Encoding.ASCII.GetBytes(text));
        await AdvanceAsync(TimeSpan.Zero);
    }

    // The reader must have had its turn before time goes on.
    private async Task AdvanceAsync(TimeSpan time)
    {
        await Task.Delay(20);
        _time.Advance(time);
        await Task.Delay(5);
    }
}
