using System.Net;

namespace Mesh.Benchmarks.Client;

/// <summary>Stands in for the network: answers 200 at once, or later on another thread as a network does.</summary>
internal sealed class StubHandler(bool completesLater) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        completesLater ? AnswerLaterAsync(request) : Task.FromResult(Answer(request));

    private static async Task<HttpResponseMessage> AnswerLaterAsync(HttpRequestMessage request)
    {
        await Task.Yield();
        return Answer(request);
    }

    private static HttpResponseMessage Answer(HttpRequestMessage request) => new(HttpStatusCode.OK) { RequestMessage = request };
}
