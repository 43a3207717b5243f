using System.Net;

namespace Mesh.Benchmarks.Client;

/// <summary>
/// Stands in for the network: answers 200 at once, or later, as a network does. Later is when the benchmark says so, on the
/// same thread: changes of threads cost more than what is measured, and every time something else.
/// </summary>
internal sealed class StubHandler(bool completesLater) : HttpMessageHandler
{
    private TaskCompletionSource? _waiting;

    /// <summary>Answers the request that waits, if one does.</summary>
    public void Answer() => Interlocked.Exchange(ref _waiting, null)?.SetResult();

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        completesLater ? AnswerLaterAsync(request) : Task.FromResult(Answer(request));

    private async Task<HttpResponseMessage> AnswerLaterAsync(HttpRequestMessage request)
    {
        var waiting = new TaskCompletionSource();
        Volatile.Write(ref _waiting, waiting);
        await waiting.Task;
        return Answer(request);
    }

    private static HttpResponseMessage Answer(HttpRequestMessage request) => new(HttpStatusCode.OK) { RequestMessage = request };
}
