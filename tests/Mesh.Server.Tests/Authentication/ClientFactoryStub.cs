namespace Mesh.Server.Tests.Authentication;

internal sealed class ClientFactoryStub(HttpMessageHandler handler) : IHttpClientFactory
{
    public HttpClient CreateClient(string name) => new(handler, disposeHandler: false);
}
