using System.Net;
using System.Net.Http.Headers;
using Mesh.Gateway.Caching;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Gateway.Tests.Caching;

public sealed class CacheTests
{
    private const string Filter = """ "Filters": [ { "Type": "Cache" } ] """;
    private const string ByDefault = """ "Filters": [ { "Type": "Cache", "Cache": { "DefaultTtl": "60s" } } ] """;

    private const string NoRetries = """ "Defaults": { "Retry": { "Attempts": 0 } } """;

    private int _calls;

    [SetUp]
    public void Forget() => _calls = 0;

    [TestCase("max-age=60")]
    [TestCase("public, max-age=60")]
    [TestCase("s-maxage=60, max-age=0")]
    public async Task Get_OfWhatIsFresh_AsksTheServiceOnce(string control)
    {
        await using var backend = await StartAsync(("Cache-Control", control));
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Filter), ("b", backend.Address));

        using var first = await edge.Client.GetAsync("/x?a=1");
        using var second = await edge.Client.GetAsync("/x?a=1");

        Assert.Multiple(() =>
        {
            Assert.That(_calls, Is.EqualTo(1));
            Assert.That(first.Headers.GetValues("Cache-Status"), Is.EqualTo(new[] { "\"edge\"; fwd=uri-miss; stored" }));
            Assert.That(second.Headers.GetValues("Cache-Status").Single(), Does.StartWith("\"edge\"; hit; ttl="));
            Assert.That(second.Headers.Age, Is.Not.Null);
            Assert.That(first.Headers.Age, Is.Null);
        });
        Assert.That(await second.Content.ReadAsStringAsync(), Is.EqualTo("answer 1"));
    }

    [TestCase("Cache-Control", "no-store, max-age=60")]
    [TestCase("Cache-Control", "private, max-age=60")]
    [TestCase("Cache-Control", "max-age=0")]
    [TestCase("Cache-Control", "max-age=oops")]
    [TestCase("X-Nothing", "1")]
    public async Task Get_OfWhatIsNotFresh_AsksEachTime(string name, string value)
    {
        await using var backend = await StartAsync((name, value));
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Filter), ("b", backend.Address));

        await GetAsync(edge, "/x");
        await GetAsync(edge, "/x");

        Assert.That(_calls, Is.EqualTo(2));
    }

    [TestCase("Set-Cookie", "a=1")]
    [TestCase("Vary", "*")]
    [TestCase("Vary", "Accept, *")]
    [TestCase("Clear-Site-Data", "\"cache\"")]
    [TestCase("Content-Type", "text/event-stream")]
    [TestCase("Content-Range", "bytes 0-7/9")]
    public async Task Get_OfWhatIsForOne_IsNeverGivenToAnother(string name, string value)
    {
        await using var backend = await StartAsync(("Cache-Control", "public, max-age=60"), (name, value));
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Filter), ("b", backend.Address));

        await GetAsync(edge, "/x");
        await GetAsync(edge, "/x");

        Assert.That(_calls, Is.EqualTo(2));
    }

    [TestCase(200, true)]
    [TestCase(404, true)]
    [TestCase(301, true)]
    [TestCase(302, false)]
    [TestCase(500, false)]
    [TestCase(503, false)]
    [TestCase(206, false)]
    public async Task Get_OfAStatus_IsKeptWhereTheStatusIsFinal(int status, bool isKept)
    {
        await using var backend = await StartAsync(status, ("Cache-Control", "max-age=60"));
        await using var edge = await Edge.StartWithClientAsync(Edge.Everything("b", Filter), NoRetries, ("b", backend.Address));
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        using var client = new HttpClient(handler) { BaseAddress = edge.Address };

        using var first = await client.GetAsync("/x");
        using var second = await client.GetAsync("/x");

        Assert.That((int)second.StatusCode, Is.EqualTo(status));
        Assert.That(_calls, Is.EqualTo(isKept ? 1 : 2));
    }

    [Test]
    public async Task Get_WithAuthorization_IsSharedOnlyWhenTheServiceSaysSo([Values("max-age=60", "public, max-age=60", "s-maxage=60", "max-age=60, must-revalidate")] string control)
    {
        await using var backend = await StartAsync(("Cache-Control", control));
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Filter), ("b", backend.Address));

        await GetAsync(edge, "/x", ("Authorization", "Basic YTpi"));
        var other = await GetAsync(edge, "/x");
        await GetAsync(edge, "/x", ("Authorization", "Basic YzpkCg=="));

        Assert.That(_calls, Is.EqualTo(control == "max-age=60" ? 3 : 1));
        Assert.That(other, Is.EqualTo(control == "max-age=60" ? "answer 2" : "answer 1"));
    }

    [Test]
    public async Task Get_WithCookies_NeitherLeavesNorGetsWhatIsKeptByDefault()
    {
        await using var backend = await StartAsync();
        await using var edge = await Edge.StartAsync(Edge.Everything("b", ByDefault), ("b", backend.Address));

        await GetAsync(edge, "/x", ("Cookie", "session=1"));
        var second = await GetAsync(edge, "/x");
        var third = await GetAsync(edge, "/x", ("Cookie", "session=1"));
        var fourth = await GetAsync(edge, "/x");

        Assert.That(new[] { second, third, fourth }, Is.EqualTo(new[] { "answer 2", "answer 3", "answer 2" }));
    }

    [Test]
    public async Task Get_OfWhatVaries_IsKeptForEachValue()
    {
        await using var backend = await StartAsync(("Cache-Control", "max-age=60"), ("Vary", "Accept-Language, X-Kind"));
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Filter), ("b", backend.Address));

        var german = await GetAsync(edge, "/x", ("Accept-Language", "de"));
        var french = await GetAsync(edge, "/x", ("Accept-Language", "fr"));
        var again = await GetAsync(edge, "/x", ("Accept-Language", "de"));
        var odd = await GetAsync(edge, "/x", ("Accept-Language", "de"), ("X-Kind", "2"));

        Assert.That(new[] { german, french, again, odd }, Is.EqualTo(new[] { "answer 1", "answer 2", "answer 1", "answer 3" }));
    }

    [Test]
    public async Task Get_OfAVariantThatMustNotBeKept_LeavesTheOthers()
    {
        await using var backend = await Backend.StartAsync(http =>
        {
            var call = Interlocked.Increment(ref _calls);
            http.Response.Headers.CacheControl = http.Request.Headers.AcceptLanguage == "de" ? "max-age=60" : "no-store";
            http.Response.Headers.Vary = "Accept-Language";
            return http.Response.WriteAsync($"answer {call}");
        });
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Filter), ("b", backend.Address));

        await GetAsync(edge, "/x", ("Accept-Language", "de"));
        await GetAsync(edge, "/x", ("Accept-Language", "fr"));

        Assert.That(await GetAsync(edge, "/x", ("Accept-Language", "de")), Is.EqualTo("answer 1"));
    }

    [TestCase("/x?a=1", "/x?a=2")]
    [TestCase("/x", "/X")]
    [TestCase("/x", "/x?")]
    [TestCase("/a%2Fb", "/a/b")]
    public async Task Get_OfAnotherTarget_IsAnotherAnswer(string one, string other)
    {
        await using var backend = await StartAsync(("Cache-Control", "max-age=60"));
        await using var edge = await Edge.StartWithMembersAsync(Edge.Everything("b", Filter), "", """ "Server": { "Paths": { "EncodedSlashes": "Keep" } }, """, ("b", backend.Address));

        await edge.GetRawAsync(one);
        await edge.GetRawAsync(other);

        Assert.That(_calls, Is.EqualTo(2));
    }

    [Test]
    public async Task Get_OfAnotherHost_IsAnotherAnswer()
    {
        await using var backend = await StartAsync(("Cache-Control", "max-age=60"));
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Filter), ("b", backend.Address));

        await edge.SendRawAsync("GET /x HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
        await edge.SendRawAsync("GET /x HTTP/1.1\r\nHost: b.example\r\nConnection: close\r\n\r\n");
        await edge.SendRawAsync("GET /x HTTP/1.1\r\nHost: A.example\r\nConnection: close\r\n\r\n");

        Assert.That(_calls, Is.EqualTo(2));
    }

    [Test]
    public async Task Get_WithABody_IsNeverKept()
    {
        await using var backend = await StartAsync(("Cache-Control", "public, max-age=60"));
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Filter), ("b", backend.Address));

        await edge.SendRawAsync("GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nConnection: close\r\n\r\nevil");
        await edge.SendRawAsync("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        Assert.That(_calls, Is.EqualTo(2));
    }

    [Test]
    public async Task Head_OfWhatIsKept_IsAnsweredWithoutTheBody()
    {
        await using var backend = await StartAsync(("Cache-Control", "max-age=60"));
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Filter), ("b", backend.Address));

        await GetAsync(edge, "/x");
        using var head = await edge.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/x"));

        Assert.That(_calls, Is.EqualTo(1));
        Assert.That(head.Content.Headers.ContentLength, Is.EqualTo("answer 1".Length));
    }

    [TestCase("If-None-Match", "\"v1\"", 304)]
    [TestCase("If-None-Match", "W/\"v1\"", 304)]
    [TestCase("If-None-Match", "*", 304)]
    [TestCase("If-None-Match", "\"v0\", \"v1\"", 304)]
    [TestCase("If-None-Match", "\"v2\"", 200)]
    [TestCase("If-None-Match", "garbage", 200)]
    [TestCase("If-Modified-Since", "Tue, 24 Nov 2026 12:00:00 GMT", 304)]
    [TestCase("If-Modified-Since", "Mon, 23 Nov 2026 12:00:00 GMT", 200)]
    public async Task Get_WithACondition_IsAnsweredByWhatIsKept(string name, string value, int status)
    {
        await using var backend = await StartAsync(("Cache-Control", "max-age=60"), ("ETag", "\"v1\""), ("Last-Modified", "Tue, 24 Nov 2026 12:00:00 GMT"));
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Filter), ("b", backend.Address));

        await GetAsync(edge, "/x");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/x");
        request.Headers.TryAddWithoutValidation(name, value);
        using var response = await edge.Client.SendAsync(request);

        Assert.That((int)response.StatusCode, Is.EqualTo(status));
        Assert.That(response.Headers.ETag?.Tag, Is.EqualTo("\"v1\""));
        Assert.That(_calls, Is.EqualTo(1));
    }

    [Test]
    public async Task Get_OfWhatIsStale_AsksWhetherItHasChanged()
    {
        await using var backend = await StartConditionalAsync();
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Filter), ("b", backend.Address));

        await GetAsync(edge, "/x");
        using var second = await edge.Client.GetAsync("/x");

        Assert.Multiple(() =>
        {
            Assert.That(second.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(second.Headers.GetValues("Cache-Status"), Is.EqualTo(new[] { "\"edge\"; fwd=stale; fwd-status=304" }));
            Assert.That(second.Headers.GetValues("X-Round"), Is.EqualTo(new[] { "2" }));
            Assert.That(_calls, Is.EqualTo(2));
        });
        Assert.That(await second.Content.ReadAsStringAsync(), Is.EqualTo("whole"));
    }

    [TestCase("\"v1\"", 304)]
    [TestCase("\"mine\"", 200)]
    public async Task Get_WithItsOwnCondition_OfWhatIsStale_IsAnsweredByItsOwn(string tag, int status)
    {
        await using var backend = await StartConditionalAsync();
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Filter), ("b", backend.Address));

        await GetAsync(edge, "/x");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/x");
        request.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Parse(tag));
        using var response = await edge.Client.SendAsync(request);

        Assert.That((int)response.StatusCode, Is.EqualTo(status));
        Assert.That(backend.Headers["If-None-Match"], Is.EqualTo("\"v1\""));
    }

    [TestCase(", stale-if-error=60", 200)]
    [TestCase("", 503)]
    [TestCase(", stale-if-error=60, must-revalidate", 503)]
    public async Task Get_WhenTheServiceFails_GivesTheStaleOneWhereItMay(string more, int status)
    {
        await using var backend = await Backend.StartAsync(http =>
        {
            http.Response.Headers.CacheControl = $"max-age=0{more}";
            http.Response.Headers.ETag = "\"1\"";
            http.Response.StatusCode = Interlocked.Increment(ref _calls) == 1 ? 200 : 503;
            return http.Response.WriteAsync($"answer {_calls}");
        });
        await using var edge = await Edge.StartWithClientAsync(Edge.Everything("b", Filter), NoRetries, ("b", backend.Address));

        await GetAsync(edge, "/x");
        using var response = await edge.Client.GetAsync("/x");

        Assert.That((int)response.StatusCode, Is.EqualTo(status));
        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo(status == 200 ? "answer 1" : "answer 2"));
    }

    [Test]
    public async Task Get_WhenTheServiceIsGone_GivesTheStaleOne()
    {
        var backend = await StartAsync(("Cache-Control", "max-age=0, stale-if-error=60"), ("ETag", "\"1\""));
        await using var edge = await Edge.StartWithClientAsync(Edge.Everything("b", Filter), NoRetries, ("b", backend.Address));
        await GetAsync(edge, "/x");

        await backend.DisposeAsync();
        using var response = await edge.Client.GetAsync("/x");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(response.Headers.GetValues("Cache-Status").Single(), Does.Contain("fwd=stale; fwd-status=50"));
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.Not.EqualTo("application/problem+json"));
        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("answer 1"));
    }

    [TestCase("POST")]
    [TestCase("PUT")]
    [TestCase("DELETE")]
    [TestCase("PATCH")]
    public async Task Get_AfterAChange_AsksAnew(string method)
    {
        await using var backend = await StartAsync(("Cache-Control", "max-age=60"));
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Filter), ("b", backend.Address));

        await GetAsync(edge, "/x?page=1");
        using var change = await edge.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), "/x"));
        var after = await GetAsync(edge, "/x?page=1");

        Assert.That(after, Is.EqualTo("answer 3"));
    }

    [Test]
    public async Task Get_OfManyAtOnce_AsksOnce()
    {
        var open = new TaskCompletionSource();
        await using var backend = await Backend.StartAsync(async http =>
        {
            Interlocked.Increment(ref _calls);
            await open.Task;
            http.Response.Headers.CacheControl = "max-age=60";
            await http.Response.WriteAsync("one");
        });
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Filter), ("b", backend.Address));

        var all = Enumerable.Range(0, 200).Select(_ => edge.Client.GetStringAsync("/x")).ToArray();
        await Task.Delay(300);
        open.SetResult();

        Assert.That(await Task.WhenAll(all), Is.All.EqualTo("one"));
        Assert.That(_calls, Is.EqualTo(1));
    }

    [Test]
    public async Task Get_OfManyAtOnce_OfWhatIsForOne_WaitsForNobody()
    {
        await using var backend = await Backend.StartAsync(async http =>
        {
            var call = Interlocked.Increment(ref _calls);
            http.Response.Headers.SetCookie = "a=1";
            await http.Response.WriteAsync($"{call}");
        });
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Filter), ("b", backend.Address));

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => edge.Client.GetStringAsync("/x")));

        Assert.That(answers.Distinct().Count(), Is.EqualTo(50));
    }

    [Test]
    public async Task Get_OfABodyThatBreaksOff_IsNotKept([Values] bool hasLength)
    {
        await using var backend = await Backend.StartAsync(async http =>
        {
            var isFirst = Interlocked.Increment(ref _calls) == 1;
            http.Response.Headers.CacheControl = "max-age=60";
            http.Response.ContentLength = hasLength ? 10 : null;
            await http.Response.WriteAsync("01234");
            await http.Response.Body.FlushAsync();
            if (isFirst)
            {
                // What was written must be on its way: what is aborted before is sent again.
                await Task.Delay(300);
                http.Abort();
                return;
            }

            await http.Response.WriteAsync("56789");
        });
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Filter), ("b", backend.Address));

        Assert.That(async () => await edge.Client.GetStringAsync("/x"), Throws.InstanceOf<HttpRequestException>());
        Assert.That(await edge.Client.GetStringAsync("/x"), Is.EqualTo("0123456789"));
    }

    [Test]
    public async Task Get_OfMoreThanMayBeKept_PassesWhole([Values] bool hasLength)
    {
        var body = new string('a', 300_000);
        await using var backend = await Backend.StartAsync(async http =>
        {
            Interlocked.Increment(ref _calls);
            http.Response.Headers.CacheControl = "max-age=60";
            http.Response.ContentLength = hasLength ? body.Length : null;
            await http.Response.WriteAsync(body);
        });
        await using var edge = await Edge.StartWithMembersAsync(
            Edge.Everything("b", Filter), """ "Cache": { "MaxEntryBytes": 100000 }, """, "", ("b", backend.Address));

        Assert.That(await GetAsync(edge, "/x"), Is.EqualTo(body));
        Assert.That(await GetAsync(edge, "/x"), Is.EqualTo(body));
        Assert.That(_calls, Is.EqualTo(2));
    }

    [TestCase("no-cache", true, 2)]
    [TestCase("max-age=0", true, 2)]
    [TestCase("min-fresh=100", true, 2)]
    [TestCase("no-cache", false, 1)]
    [TestCase("max-age=0", false, 1)]
    public async Task Get_WithDirectives_AsksAnewOnlyWhereTheyAreHonored(string control, bool honors, int calls)
    {
        await using var backend = await StartAsync(("Cache-Control", "max-age=60"), ("Age", "1"));
        var filter = $$""" "Filters": [ { "Type": "Cache", "Cache": { "HonorRequestDirectives": {{(honors ? "true" : "false")}} } } ] """;
        await using var edge = await Edge.StartAsync(Edge.Everything("b", filter), ("b", backend.Address));

        await GetAsync(edge, "/x");
        await GetAsync(edge, "/x", ("Cache-Control", control));

        Assert.That(_calls, Is.EqualTo(calls));
    }

    [Test]
    public async Task Get_OnlyIfCached_OfNothing_Is504()
    {
        await using var backend = await StartAsync(("Cache-Control", "max-age=60"));
        await using var edge = await Edge.StartAsync(Edge.Everything("b", """ "Filters": [ { "Type": "Cache", "Cache": { "HonorRequestDirectives": true } } ] """), ("b", backend.Address));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/x");
        request.Headers.CacheControl = new CacheControlHeaderValue { OnlyIfCached = true };

        using var response = await edge.Client.SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.GatewayTimeout));
        Assert.That(_calls, Is.Zero);
    }

    [Test]
    public async Task Get_OfAHostThatIsServedNoMore_IsRefusedWhateverIsKept()
    {
        await using var backend = await StartAsync(("Cache-Control", "public, max-age=60"));
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Filter), ("b", backend.Address));
        await GetAsync(edge, "/x");

        edge.Reload(Edge.Everything("b", Filter), """ "Hosts": [ "other.example" ], """);
        using var response = await edge.Client.GetAsync("/x");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.MisdirectedRequest));
    }

    [Test]
    public async Task Get_AfterAReload_IsStillAHit()
    {
        await using var backend = await StartAsync(("Cache-Control", "max-age=60"));
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Filter), ("b", backend.Address));
        await GetAsync(edge, "/x");

        edge.Reload(Edge.Everything("b", Filter + """, "Timeouts": { "Request": "9s" } """));
        await GetAsync(edge, "/x");

        Assert.That(_calls, Is.EqualTo(1));
    }

    [Test]
    public async Task Compression_InFrontOfWhatIsKept_GivesEachCallerItsCoding()
    {
        const string Both = """ "Filters": [ { "Type": "Cache" }, { "Type": "Compression", "Compression": { "MinBytes": 1, "ContentTypes": [ "text/*" ] } } ] """;
        await using var backend = await StartAsync(("Cache-Control", "max-age=60"), ("Content-Type", "text/plain"));
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Both), ("b", backend.Address));

        using var request = new HttpRequestMessage(HttpMethod.Get, "/x");
        request.Headers.AcceptEncoding.ParseAdd("br");
        using var compressed = await edge.Client.SendAsync(request);
        var plain = await GetAsync(edge, "/x");

        Assert.That(compressed.Content.Headers.ContentEncoding, Is.EqualTo(new[] { "br" }));
        Assert.That(plain, Is.EqualTo("answer 1"));
        Assert.That(_calls, Is.EqualTo(1));
    }

    [Test]
    public async Task Purge_OfAPath_ForgetsWhatIsBelow()
    {
        MeshGatewayCache? cache = null;
        await using var backend = await StartAsync(("Cache-Control", "max-age=60"));
        await using var edge = await Edge.StartWithPipelineAsync(
            Edge.Everything("b", Filter), "", app => cache = app.Services.GetRequiredService<MeshGatewayCache>(), ("b", backend.Address));
        await GetAsync(edge, "/a/1");
        await GetAsync(edge, "/b/1");

        var purged = cache!.Purge(edge.Address.Authority, "/a");
        await GetAsync(edge, "/a/1");
        await GetAsync(edge, "/b/1");

        Assert.That(purged, Is.EqualTo(1));
        Assert.That(_calls, Is.EqualTo(3));
        Assert.That((cache.Hits, cache.Misses), Is.EqualTo((1, 3)));
    }

    [Test]
    public async Task Get_OfEndlessTargets_KeepsNoMoreThanTheBound()
    {
        MeshGatewayCache? cache = null;
        await using var backend = await StartAsync(("Cache-Control", "max-age=60"));
        await using var edge = await Edge.StartWithPipelineAsync(
            Edge.Everything("b", Filter), """ "Cache": { "MaxBytes": 20000 }, """, app => cache = app.Services.GetRequiredService<MeshGatewayCache>(), ("b", backend.Address));

        for (var i = 0; i < 300; i++)
        {
            await GetAsync(edge, $"/x?{i}");
        }

        Assert.That(cache!.Bytes, Is.InRange(10_000, 20_000));
    }

    private Task<Backend> StartAsync(params (string Name, string Value)[] headers) => StartAsync(200, headers);

    private Task<Backend> StartAsync(int status, params (string Name, string Value)[] headers) => Backend.StartAsync(http =>
    {
        var call = Interlocked.Increment(ref _calls);
        http.Response.StatusCode = status;
        foreach (var (name, value) in headers)
        {
            http.Response.Headers[name] = value;
        }

        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.WriteAsync($"answer {call}");
    });

    private Task<Backend> StartConditionalAsync() => Backend.StartAsync(http =>
    {
        var call = Interlocked.Increment(ref _calls);
        http.Response.Headers.CacheControl = "max-age=0";
        http.Response.Headers.ETag = "\"v1\"";
        http.Response.Headers["X-Round"] = $"{call}";
        if (http.Request.Headers.IfNoneMatch == "\"v1\"")
        {
            http.Response.StatusCode = 304;
            return Task.CompletedTask;
        }

        return http.Response.WriteAsync("whole");
    });

    private static async Task<string> GetAsync(Edge edge, string target, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, target);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await edge.Client.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }
}
