using System.Net;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Tests.Forwarding;

public sealed class BodyLimitTests
{
    private const string Limited = """ "Filters": [ { "Type": "BodyLimit", "BodyLimit": { "MaxBytes": 1000 } } ] """;

    [TestCase(1000, false, HttpStatusCode.OK)]
    [TestCase(1001, false, HttpStatusCode.RequestEntityTooLarge)]
    [TestCase(1000, true, HttpStatusCode.OK)]
    [TestCase(100_000, true, HttpStatusCode.RequestEntityTooLarge)]
    public async Task Body_OfThisSize_IsSentOnOrRefused(int size, bool chunked, HttpStatusCode expected)
    {
        await using var backend = await Backend.StartAsync(static async http =>
        {
            await http.Request.Body.CopyToAsync(Stream.Null);
            await http.Response.WriteAsync("ok");
        });
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Limited), ("b", backend.Address));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new ByteArrayContent(new byte[size]) };
        request.Headers.TransferEncodingChunked = chunked;

        using var response = await edge.Client.SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(expected));
        Assert.That(backend.Requests, Is.EqualTo(chunked || expected == HttpStatusCode.OK ? 1 : 0).Or.EqualTo(expected == HttpStatusCode.OK ? 1 : 0));
    }
}
