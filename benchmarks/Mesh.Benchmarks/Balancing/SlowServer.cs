using System.Net;

namespace Mesh.Benchmarks.Balancing;

/// <summary>Ten endpoints behind the client: each answers after 10 ms, one of them after two seconds for part of the run.</summary>
internal sealed class SlowServer(Func<bool> isSlow) : HttpMessageHandler
{
    public const int Endpoints = 10;

    private static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // The port tells the endpoint: they are numbered from one.
        await Task.Delay(request.RequestUri!.Port == 1 && isSlow() ? Slow : Usual, cancellationToken);
        return new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request };
    }
}
