using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Mesh.Gateway.Tests.Hostile;

/// <summary>Hostile bytes through a socket: each request is refused with its status or arrives in normal form; the protected path never.</summary>
public sealed partial class HostileRequestTests
{
    internal const string Server = """
        "Server": { "Authorization": {
            "path": { "Action": "Deny", "Rules": [ { "To": [ { "Paths": [ "/admin", "/admin/{**}" ] } ] } ] },
            "host": { "Action": "Deny", "Rules": [ { "To": [ { "Hosts": [ "secret.example" ] } ] } ] } } },
        """;

    internal const string Gateway = """ "Hosts": [ "shop.example", "secret.example" ], """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private RawBackend _backend = null!;
    private Edge _edge = null!;

    private static IEnumerable<TestCaseData> Corpus() =>
        ((HostileRequest[])[.. HostileFraming.All, .. HostilePaths.All, .. HostileFields.All])
        .Select(static (request, index) => new TestCaseData(request).SetArgDisplayNames($"{index}", Printable(request.Name)));

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _backend = new RawBackend();
        _edge = await Edge.StartWithMembersAsync(Edge.Everything("shop"), Gateway, Server, ("shop", _backend.Address));
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _edge.DisposeAsync();
        await _backend.DisposeAsync();
    }

    [Test]
    public void Corpus_HasAtLeast120Requests() => Assert.That(Corpus().Count(), Is.GreaterThanOrEqualTo(120));

    [TestCaseSource(nameof(Corpus))]
    public async Task Request_Hostile_IsRefusedOrArrivesInNormalForm(object hostile)
    {
        var request = (HostileRequest)hostile;
        _backend.Forget();
        var expected = request.Expected.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var answers = await SendAsync(request.Bytes, expected.Length);

        // Whatever was left in the connections to the service would be the beginning of this one.
        var probe = await SendAsync($"GET /probe HTTP/1.1\r\n{HostileRequest.Host}{HostileRequest.Close}\r\n", 1);

        var seen = _backend.Requests.ToArray();
        Assert.Multiple(() =>
        {
            Assert.That(string.Join(' ', answers), Is.EqualTo(string.Join(' ', expected)));
            Assert.That(probe, Is.EqualTo(["200/probe"]));
            Assert.That(seen.Select(static one => one.Target).Where(static target => target != "/probe"), Is.EqualTo(expected.Where(static one => one.Contains('/', StringComparison.Ordinal)).Select(static one => one[3..])));
            Assert.That(_backend.Violations, Is.Empty);
            Assert.That(seen.Select(static one => one.LaxPath), Has.None.StartsWith("/admin"));
            Assert.That(seen.Select(static one => one["X-Forwarded-Host"]), Has.None.Matches<string?>(static host => host?.Contains("secret", StringComparison.OrdinalIgnoreCase) == true));
            foreach (var demand in request.Upstream)
            {
                var colon = demand.IndexOf(": ", StringComparison.Ordinal);
                Assert.That(seen.FirstOrDefault()?[colon < 0 ? demand : demand[..colon]], Is.EqualTo(colon < 0 ? null : demand[(colon + 2)..]), demand);
            }
        });
    }

    /// <summary>Sends bytes, and reads until the connection ends or the expected number of answers is there and no other follows.</summary>
    private async Task<string[]> SendAsync(string bytes, int expected)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, _edge.Address.Port);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.Latin1.GetBytes(bytes));
        var received = new StringBuilder();
        var buffer = new byte[16 * 1024];
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            while (await stream.ReadAsync(buffer, patience.Token) is > 0 and var read)
            {
                received.Append(Encoding.Latin1.GetString(buffer, 0, read));
                if (Answer().Count(received.ToString()) >= expected)
                {
                    patience.CancelAfter(TimeSpan.FromMilliseconds(200));
                }
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // Closed with a reset, because the rest of the request was not read; or kept open for the next one.
        }

        return [.. Answer().Matches(received.ToString()).Select(static answer => answer.Groups[1].Value + (answer.Groups[1].Value == "200" ? BodyOf(answer) : ""))];
    }

    private static string BodyOf(Match answer) =>
        Length().Match(answer.Value) is { Success: true } length ? answer.Groups[2].Value[..int.Parse(length.Groups[1].ValueSpan, CultureInfo.InvariantCulture)] : "";

    internal static string Printable(string name) =>
        string.Concat((name.Length > 60 ? name[..60] : name).Select(static character => character is >= ' ' and <= '~' and not '"' and not '(' and not ')' ? character.ToString() : $"<{(int)character:x2}>"));

    [GeneratedRegex(@"HTTP/1\.1 (\d{3}) (?:[^\r\n]+\r\n)+\r\n((?:(?!HTTP/1\.1 ).)*)", RegexOptions.Singleline)]
    private static partial Regex Answer();

    [GeneratedRegex(@"Content-Length: (\d+)")]
    private static partial Regex Length();
}
