using System.Net;
using System.Net.Sockets;
using System.Text;
using Mesh.Client.State;
using Mesh.Client.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Calls;

/// <summary>A replica dies between the header of its response and the body.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class BodyRecoveryTests
{
    private const string Head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n";

    private static readonly Uri Uri = new("http://orders/");

    private int _requests;

    // Requests are counted over all replicas; what comes before "✂" is sent, then the connection is reset.
    [TestCase($"{Head}\r\n✂")]
    [TestCase($"{Head}\r\nhe✂")]
    [TestCase("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhell✂")]
    public async Task GetAsync_BodyBreaksOff_IsAskedForAgain(string broken)
    {
        await using var host = Host(broken, $"{Head}\r\nhello");

        using var response = await host.CreateClient().GetAsync(Uri);

        Assert.That((await response.Content.ReadAsStringAsync(), _requests), Is.EqualTo(("hello", 2)));
    }

    [Test]
    public async Task GetAsync_ChunkedBodyBreaksOffBeforeItsLastChunk_IsAskedForAgain()
    {
        const string Chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
        await using var host = Host($"{Chunked}✂", $"{Chunked}✂", $"{Chunked}0\r\n\r\n");

        using var response = await host.CreateClient().GetAsync(Uri);

        Assert.That((await response.Content.ReadAsStringAsync(), _requests), Is.EqualTo(("hello", 3)));
    }

    [Test]
    public async Task Stream_NothingReadYet_IsAskedForAgain()
    {
        await using var host = Host($"{Head}\r\n✂", $"{Head}\r\nhello");

        await using var stream = await host.CreateClient().GetStreamAsync(Uri);
        using var reader = new StreamReader(stream);

        Assert.That((await reader.ReadToEndAsync(), _requests), Is.EqualTo(("hello", 2)));
    }

    [Test]
    public async Task Stream_SomethingReadAlready_Breaks()
    {
        await using var host = Host($"{Head}\r\nhe✂", $"{Head}\r\nhello");
        using var response = await host.CreateClient().GetAsync(Uri, HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[10];

        Assert.That(
            async () =>
            {
                while (await stream.ReadAsync(buffer) > 0)
                {
                }
            },
            Throws.InstanceOf<IOException>());
        Assert.That(_requests, Is.EqualTo(1));
    }

    [TestCase("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nhello!")]
    [TestCase("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\nhello")]
    [TestCase("HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello")]
    [TestCase($"{Head}ETag: \"2\"\r\n\r\nhello")]
    public async Task GetAsync_AnotherResponseComes_Breaks(string other)
    {
        await using var host = Host($"{Head}ETag: \"1\"\r\n\r\n✂", other);

        Assert.That(async () => await host.CreateClient().GetAsync(Uri), Throws.InstanceOf<HttpRequestException>());
    }

    [Test]
    public async Task PostAsync_BodyBreaksOff_IsNotRepeated()
    {
        await using var host = Host($"{Head}\r\n✂", $"{Head}\r\nhello");

        Assert.That(async () => await host.CreateClient().PostAsync(Uri, null), Throws.InstanceOf<HttpRequestException>());
        Assert.That(_requests, Is.EqualTo(1));
    }

    [Test]
    public async Task GetAsync_BodyBreaksOffAgainAndAgain_StopsAtTheNumberOfAttempts()
    {
        await using var host = Host($"{Head}\r\n✂");

        Assert.That(async () => await host.CreateClient().GetAsync(Uri), Throws.InstanceOf<HttpRequestException>());
        Assert.That(_requests, Is.EqualTo(3), "the first and two repetitions");
    }

    [Test]
    public async Task GetAsync_BudgetIsEmpty_Breaks()
    {
        await using var host = Host("""{ "Retry": { "Budget": { "Ratio": 0, "MinPerSecond": 0 } } }""", [$"{Head}\r\n✂", $"{Head}\r\nhello"]);

        Assert.That(async () => await host.CreateClient().GetAsync(Uri), Throws.InstanceOf<HttpRequestException>());
        Assert.That(host.Services.GetRequiredService<MeshClientState>().GetServices().Single().RetriesRefused, Is.EqualTo(1));
    }

    private ClientHost Host(params string[] answers) => Host("{}", answers);

    private ClientHost Host(string settings, string[] answers)
    {
        var first = Serve(answers);
        var second = Serve(answers);
        return new ClientHost(Given.Services($$"""{ "orders": { "http": [ "{{first}}", "{{second}}" ] } }""", $$"""{ "orders": {{settings}} }"""));
    }

    private string Serve(string[] answers)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _ = Task.Run(async () =>
        {
            while (true)
            {
                _ = AnswerAsync(await listener.AcceptTcpClientAsync(), answers);
            }
        });
        return $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
    }

    private async Task AnswerAsync(TcpClient connection, string[] answers)
    {
        using (connection)
        {
            var stream = connection.GetStream();
            var buffer = new byte[4096];
            while (await stream.ReadAsync(buffer) > 0)
            {
                var answer = answers[Math.Min(Interlocked.Increment(ref _requests), answers.Length) - 1];
                await stream.WriteAsync(Encoding.UTF8.GetBytes(answer.Split('✂')[0]));
                if (answer.EndsWith('✂'))
                {
                    // Time for the header to arrive before the reset overtakes it.
                    await Task.Delay(100);
                    connection.LingerState = new LingerOption(enable: true, seconds: 0);
                    return;
                }
            }
        }
    }
}
