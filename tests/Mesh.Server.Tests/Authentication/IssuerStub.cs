using System.Net;

namespace Mesh.Server.Tests.Authentication;

/// <summary>An issuer on the other side of <see cref="HttpClient"/>.</summary>
internal sealed class IssuerStub : HttpMessageHandler
{
    private int _requests;

    public string Jwks { get; set; } = "";

    public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

    /// <summary>What each request waits for.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public int Requests => Volatile.Read(ref _requests);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _requests);
        await Gate.WaitAsync(cancellationToken);
        return new HttpResponseMessage(Status) { Content = new StringContent(Jwks), RequestMessage = request };
    }
}
