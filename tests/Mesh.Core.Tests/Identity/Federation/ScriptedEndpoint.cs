using System.Net;

namespace Mesh.Core.Tests.Identity.Federation;

/// <summary>A bundle endpoint without a network: answers what it was last told to.</summary>
internal sealed class ScriptedEndpoint : HttpMessageHandler
{
    public Func<HttpResponseMessage> Answer { get; set; } = static () => new HttpResponseMessage(HttpStatusCode.NotFound);

    public string Body
    {
        set => Answer = () => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(value) };
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(Answer());
}
