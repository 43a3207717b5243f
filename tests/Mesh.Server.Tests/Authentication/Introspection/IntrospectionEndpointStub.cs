using System.Collections.Concurrent;
using System.Net;

namespace Mesh.Server.Tests.Authentication.Introspection;

/// <summary>An introspection endpoint on the other side of <see cref="HttpClient"/>.</summary>
internal sealed class IntrospectionEndpointStub : HttpMessageHandler
{
    private int _requests;
    private int _atOnce;
    private int _mostAtOnce;

    /// <summary>The answer to any token.</summary>
    public string Answer { get; set; } = """{"active":true,"sub":"alice"}""";

    public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

    /// <summary>What each request waits for.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public int Requests => Volatile.Read(ref _requests);

    public int MostAtOnce => Volatile.Read(ref _mostAtOnce);

    /// <summary>Credentials and body of each request.</summary>
    public ConcurrentQueue<(string Authorization, string Body)> Received { get; } = new();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _requests);
        Interlocked.Exchange(ref _mostAtOnce, Math.Max(_mostAtOnce, Interlocked.Increment(ref _atOnce)));
        try
        {
            Received.Enqueue((request.Headers.Authorization?.ToString() ?? "", await request.Content!.ReadAsStringAsync(cancellationToken)));
            await Gate.WaitAsync(cancellationToken);
            return new HttpResponseMessage(Status) { Content = new StringContent(Answer), RequestMessage = request };
        }
        finally
        {
            Interlocked.Decrement(ref _atOnce);
        }
    }
}
