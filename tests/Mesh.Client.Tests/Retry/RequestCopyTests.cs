using System.Net;
using System.Net.Http.Json;
using System.Text;
using Mesh.Client.Retry;

namespace Mesh.Client.Tests.Retry;

public sealed class RequestCopyTests
{
    [Test]
    public void Of_Request_HasEverythingAndSharesTheContent()
    {
        var key = new HttpRequestOptionsKey<string>("tenant");
        using var content = new StringContent("body");
        using var request = new HttpRequestMessage(HttpMethod.Put, "https://orders/1?x=y")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.TryAddWithoutValidation("x-many", ["a", "b"]);
        request.Headers.TryAddWithoutValidation("User-Agent", "not / a valid (agent");
        request.Headers.Host = "orders.example";
        request.Options.Set(key, "blue");

        using var copy = RequestCopy.Of(request);

        Assert.That(copy, Is.Not.SameAs(request));
        Assert.That(copy.Method, Is.EqualTo(HttpMethod.Put));
        Assert.That(copy.RequestUri, Is.SameAs(request.RequestUri));
        Assert.That(copy.Version, Is.EqualTo(HttpVersion.Version20));
        Assert.That(copy.VersionPolicy, Is.EqualTo(HttpVersionPolicy.RequestVersionExact));
        Assert.That(copy.Content, Is.SameAs(content));
        Assert.That(copy.Headers.GetValues("x-many"), Is.EqualTo(["a", "b"]));
        Assert.That(copy.Headers.NonValidated["User-Agent"].ToString(), Is.EqualTo("not / a valid (agent"));
        Assert.That(copy.Headers.Host, Is.EqualTo("orders.example"));
        Assert.That(copy.Options.TryGetValue(key, out var tenant) ? tenant : null, Is.EqualTo("blue"));
    }

    [Test]
    public void Of_RequestWithOtherUri_HasThatUri()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://orders/1");
        var uri = new Uri("https://orders/2");

        using var copy = RequestCopy.Of(request, uri);

        Assert.That(copy.RequestUri, Is.SameAs(uri));
    }

    [Test]
    public void IsReplayable_BodiesInMemory_Are()
    {
        Assert.That(RequestCopy.IsReplayable(null), Is.True);
        Assert.That(RequestCopy.IsReplayable(new StringContent("x")), Is.True);
        Assert.That(RequestCopy.IsReplayable(new ByteArrayContent([1])), Is.True);
        Assert.That(RequestCopy.IsReplayable(new ReadOnlyMemoryContent(new byte[1])), Is.True);
        Assert.That(RequestCopy.IsReplayable(new FormUrlEncodedContent([new("a", "b")])), Is.True);
    }

    [Test]
    public void IsReplayable_BodiesThatMayBeConsumed_AreNot()
    {
        Assert.That(RequestCopy.IsReplayable(new StreamContent(new MemoryStream(Encoding.UTF8.GetBytes("x")))), Is.False);
        Assert.That(RequestCopy.IsReplayable(JsonContent.Create(AsyncEnumerable.Empty<int>())), Is.False);
    }
}
