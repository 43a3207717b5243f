using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Mesh.Gateway.Tests.Faults;

/// <summary>
/// What becomes of a request when the service behind the gateway goes wrong: the table of docs/gateway.md, "When it fails", over
/// real connections, for callers of HTTP/1.1 and HTTP/2.
/// </summary>
public sealed class BackendFaultTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\n";
    private const string OneAttempt = """ "Defaults": { "AttemptTimeout": "700ms", "BodyIdleTimeout": "500ms", "Retry": { "Attempts": 0 } } """;

    private static readonly Dictionary<string, (Func<NetworkStream, CancellationToken, Task> Answer, int Status, string Reason)> BeforeTheHeader = new()
    {
        ["resets"] = (static (stream, _) => Reset(stream), 502, "backend-failed"),
        ["closes early"] = (static (_, _) => Task.CompletedTask, 502, "backend-failed"),
        ["closes in its header"] = (static (stream, _) => FaultyBackend.WriteAsync(stream, Ok + "Content-Le"), 502, "backend-failed"),
        ["hangs"] = (static (_, stop) => Task.Delay(Timeout.Infinite, stop), 504, "backend-timeout"),
        ["hangs in its header"] = (static async (stream, stop) =>
        {
            await FaultyBackend.WriteAsync(stream, Ok + "X: ");
            await Task.Delay(Timeout.Infinite, stop);
        }, 504, "backend-timeout"),
        ["speaks another protocol"] = (static (stream, _) => FaultyBackend.WriteAsync(stream, "220 mail.example ESMTP ready\r\n"), 502, "backend-failed"),
        ["sends binary garbage"] = (static (stream, _) => stream.WriteAsync(new byte[] { 0x15, 3, 1, 0, 2, 2, 80, 0, 255, 254, 13, 10, 13, 10 }).AsTask(), 502, "backend-failed"),
        ["sends a status out of range"] = (static (stream, _) => FaultyBackend.WriteAsync(stream, "HTTP/1.1 99999 Huh\r\n\r\n"), 502, "backend-failed"),
        ["sends an oversized field"] = (static (stream, _) => FaultyBackend.WriteAsync(stream, $"{Ok}X: {new string('x', 200_000)}\r\nContent-Length: 0\r\n\r\n"), 502, "backend-failed"),
        ["sends fields without end"] = (static (stream, stop) => Forever(stream, Ok, "X: y\r\n", stop), 502, "backend-failed"),
        ["sends a field without a colon"] = (static (stream, _) => FaultyBackend.WriteAsync(stream, Ok + "nonsense\r\nContent-Length: 0\r\n\r\n"), 502, "backend-failed"),
        ["sends interim responses without end"] = (static (stream, stop) => Forever(stream, "", "HTTP/1.1 100 Continue\r\n\r\n", stop), 502, "backend-failed"),
        ["switches protocols unasked"] = (static (stream, _) => FaultyBackend.WriteAsync(stream, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n"), 502, "backend-failed"),
    };

    private static readonly Dictionary<string, Func<NetworkStream, CancellationToken, Task>> InTheBody = new()
    {
        ["closes in a body of known length"] = static (stream, _) => FaultyBackend.WriteAsync(stream, Ok + "Content-Length: 100\r\n\r\nhalf of it"),
        ["closes in a chunk"] = static (stream, _) => FaultyBackend.WriteAsync(stream, Ok + "Transfer-Encoding: chunked\r\n\r\n20\r\nhalf of it"),
        ["closes before the last chunk"] = static (stream, _) => FaultyBackend.WriteAsync(stream, Ok + "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
        ["sends a chunk size that is none"] = static (stream, _) => FaultyBackend.WriteAsync(stream, Ok + "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n"),
        ["sends a chunk longer than its size"] = static (stream, _) => FaultyBackend.WriteAsync(stream, Ok + "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf of it\r\n0\r\n\r\n"),
        ["resets in the body"] = static async (stream, _) =>
        {
            await FaultyBackend.WriteAsync(stream, Ok + "Content-Length: 100\r\n\r\nhalf of it");
            await Task.Delay(100, CancellationToken.None);
            await Reset(stream);
        },
        ["stands still in the body"] = static async (stream, stop) =>
        {
            await FaultyBackend.WriteAsync(stream, Ok + "Content-Length: 100\r\n\r\nhalf of it");
            await Task.Delay(Timeout.Infinite, stop);
        },
    };

    [Test]
    public async Task Request_FaultBeforeTheHeader_IsAnsweredByTheGateway([ValueSource(nameof(NamesBefore))] string fault, [Values("1.1", "2.0")] string version)
    {
        var (answer, status, reason) = BeforeTheHeader[fault];
        await using var backend = new FaultyBackend(answer);
        await using var edge = await Edge.StartWithClientAsync(Edge.Everything("orders"), OneAttempt, ("orders", backend.Address));

        using var response = await SendAsync(edge, "/", version, HttpCompletionOption.ResponseContentRead);

        Assert.That((int)response.StatusCode, Is.EqualTo(status));
        await AssertIsProblemAsync(response, reason);

        // Without a retry of ours. SocketsHttpHandler takes a connection that closes without a byte for one that was idle too long.
        Assert.That(backend.Requests, fault == "closes early" ? Is.InRange(1, 4) : Is.EqualTo(1));
        await AssertServesTheNextAsync(edge, version);
    }

    [Test]
    public async Task Request_NobodyListens_IsAnsweredByTheGateway([Values("1.1", "2.0")] string version)
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var address = closed.LocalEndpoint.ToString()!;
        closed.Stop();
        await using var edge = await Edge.StartWithClientAsync(Edge.Everything("orders"), OneAttempt, ("orders", address));

        using var response = await SendAsync(edge, "/", version, HttpCompletionOption.ResponseContentRead);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadGateway));
        await AssertIsProblemAsync(response, "backend-failed");
    }

    [Test]
    public async Task Request_FaultInTheBody_IsNeverAWholeResponse([ValueSource(nameof(NamesIn))] string fault, [Values("1.1", "2.0")] string version)
    {
        await using var backend = new FaultyBackend(InTheBody[fault]);
        await using var edge = await Edge.StartWithClientAsync(Edge.Everything("orders"), OneAttempt, ("orders", backend.Address));

        Assert.That(async () =>
        {
            using var response = await SendAsync(edge, "/", version, HttpCompletionOption.ResponseContentRead);

            // Nothing has reached the caller yet: then it may hear of it in words.
            response.EnsureSuccessStatusCode();
        }, Throws.InstanceOf<HttpRequestException>());
        await AssertServesTheNextAsync(edge, version);
    }

    [Test]
    public async Task Request_LengthAndChunks_ArriveWithOneMeaning()
    {
        await using var backend = new FaultyBackend(static (stream, _) => FaultyBackend.WriteAsync(stream, Ok + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n6\r\nchunks\r\n0\r\n\r\n"));
        await using var edge = await Edge.StartWithClientAsync(Edge.Everything("orders"), OneAttempt, ("orders", backend.Address));

        var raw = await edge.GetRawAsync("/");

        // RFC 9112, 6.3: the chunks count. Who passes it on removes the length.
        Assert.That(raw, Does.StartWith("HTTP/1.1 200 ").And.Contain("chunks").And.Not.Contain("Content-Length: 3"));
    }

    [TestCase("Content-Length: 3\r\nContent-Length: 6\r\n")]
    [TestCase("Content-Length: 3, 6\r\n")]
    [TestCase("Content-Length: -1\r\n")]
    public async Task Request_LengthWithoutAMeaning_IsNotPassedOn(string fields)
    {
        await using var backend = new FaultyBackend((stream, _) => FaultyBackend.WriteAsync(stream, $"{Ok}{fields}Connection: close\r\n\r\nabcdef"));
        await using var edge = await Edge.StartWithClientAsync(Edge.Everything("orders"), OneAttempt, ("orders", backend.Address));

        var raw = await edge.GetRawAsync("/");

        Assert.That(raw, Does.StartWith("HTTP/1.1 502 ").And.Contain("backend-failed"));
    }

    [Test]
    public async Task Request_LineBreaksInAField_CannotSplitTheResponse()
    {
        await using var backend = new FaultyBackend(static (stream, _) => FaultyBackend.WriteAsync(stream, Ok + "X: a\rSet-Cookie: evil=1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        await using var edge = await Edge.StartWithClientAsync(Edge.Everything("orders"), OneAttempt, ("orders", backend.Address));

        var raw = await edge.GetRawAsync("/");

        Assert.That(raw, Does.Not.Contain("\rSet-Cookie").And.Not.Contain("\nSet-Cookie"));
    }

    private static string[] NamesBefore() => [.. BeforeTheHeader.Keys];

    private static string[] NamesIn() => [.. InTheBody.Keys];

    private static async Task<HttpResponseMessage> SendAsync(Edge edge, string path, string version, HttpCompletionOption completion)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(version == "2.0" ? edge.Http2Address : edge.Address, path))
        {
            Version = Version.Parse(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        return await edge.Client.SendAsync(request, completion);
    }

    private static async Task AssertIsProblemAsync(HttpResponseMessage response, string reason)
    {
        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/problem+json"));
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.That(problem.RootElement.GetProperty("type").GetString(), Is.EqualTo($"urn:mesh:problem:{reason}"));
        Assert.That(problem.RootElement.ToString(), Does.Not.Contain("127.0.0.1"), "addresses stay inside");
    }

    private static async Task AssertServesTheNextAsync(Edge edge, string version)
    {
        using var next = await SendAsync(edge, "/ok", version, HttpCompletionOption.ResponseContentRead);
        Assert.That(await next.Content.ReadAsStringAsync(), Is.EqualTo("ok"));
    }

    private static Task Reset(NetworkStream stream)
    {
        stream.Socket.LingerState = new LingerOption(enable: true, seconds: 0);
        stream.Socket.Close();
        return Task.CompletedTask;
    }

    private static async Task Forever(NetworkStream stream, string begin, string again, CancellationToken stop)
    {
        await FaultyBackend.WriteAsync(stream, begin);
        var piece = string.Concat(Enumerable.Repeat(again, 100));
        while (!stop.IsCancellationRequested)
        {
            await FaultyBackend.WriteAsync(stream, piece);
        }
    }
}
