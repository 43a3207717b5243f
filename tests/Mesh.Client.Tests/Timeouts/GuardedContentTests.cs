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
        await AdvanceAsync(TimeSpan.FromSeconds(29));
        await WriteAsync("more");
        await AdvanceAsync(TimeSpan.FromSeconds(29));
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

    [Test]
    public async Task GetStreamAsync_ApplicationReadsItself_MayBeSilentForLong()
    {
        await using var host = Host(out _);
        using var stream = await host.CreateClient().GetStreamAsync(Uri);
        await AdvanceAsync(TimeSpan.FromMinutes(10));
        await WriteAsync("late");

        var buffer = new byte[4];
        await stream.ReadExactlyAsync(buffer);

        Assert.That(Encoding.ASCII.GetString(buffer), Is.EqualTo("late"));
    }

    private ClientHost Host(out StubHandler stub)
    {
        stub = new StubHandler(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(_body.Reader.AsStream()) });
        return new ClientHost(Given.Orders(), stub, _time);
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
