using System.Net;
using Mesh.Client.Tests.Fixtures;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Tests.Hedging;

/// <summary>Hedges over mutual TLS: what the servers see, and whose body the caller reads.</summary>
public sealed class HedgedTransportTests
{
    private static readonly Uri Uri = new("https://orders/items");

    private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls;

    [TestCase("1.1")]
    [TestCase("2.0")]
    public async Task SendAsync_FirstReplicaHangs_TheOthersStreamIsReadWhole(string version)
    {
        var identity = TestAuthority.Shop.Identity("orders");
        await using var one = await MeshService.StartAsync(identity, HandleAsync);
        await using var two = await MeshService.StartAsync(identity, HandleAsync);
        await using var host = new ClientHost(Given.Services(
            $$"""{ "orders": { "https": [ "{{one.Url}}", "{{two.Url}}" ] } }""",
            """{ "orders": { "Hedging": { "Delay": "300ms" }, "AttemptTimeout": "60s", "Timeout": "60s" } }"""));
        using var request = new HttpRequestMessage(HttpMethod.Put, Uri)
        {
            Version = Version.Parse(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(new byte[100_000]),
        };

        using var response = await host.CreateClient().SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var body = await response.Content.ReadAsByteArrayAsync();

        await _aborted.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.That(body, Has.Length.EqualTo(1_000_000));
        Assert.That(response.Version, Is.EqualTo(request.Version));
        Assert.That(one.Arrivals.Concat(two.Arrivals).Select(static arrival => (arrival.Method, arrival.Protocol[5..].TrimEnd('.', '0'))).Distinct(), Is.EqualTo(new[] { ("PUT", version.TrimEnd('.', '0')) }));
        Assert.That((one.Arrivals.Count, two.Arrivals.Count), Is.EqualTo((1, 1)));
        await Eventually.UntilAsync(() => host.State.GetServices().Single().Endpoints.Sum(static endpoint => endpoint.Active) == 0);
    }

    private async Task HandleAsync(HttpContext http)
    {
        if (Interlocked.Increment(ref _calls) == 1)
        {
            try
            {
                await Task.Delay(Timeout.Infinite, http.RequestAborted);
            }
            catch (OperationCanceledException)
            {
                _aborted.SetResult();
                return;
            }
        }

        var received = 0;
        var buffer = new byte[16_384];
        while (await http.Request.Body.ReadAsync(buffer) is > 0 and var read)
        {
            received += read;
        }

        http.Response.StatusCode = received == 100_000 ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest;
        for (var i = 0; i < 10; i++)
        {
            await http.Response.Body.WriteAsync(new byte[100_000]);
            await http.Response.Body.FlushAsync();
        }
    }
}
