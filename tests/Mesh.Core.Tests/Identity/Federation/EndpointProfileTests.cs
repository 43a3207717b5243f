using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Mesh.Core.Tests.Configuration;
using Mesh.Core.Tests.Identity.Development;
using Mesh.Identity;
using Mesh.Identity.Federation;

namespace Mesh.Core.Tests.Identity.Federation;

/// <summary>Both profiles over real TLS.</summary>
public sealed class EndpointProfileTests
{
    private const int Patience = 30_000;

    private readonly DateTimeOffset _now = DateTimeOffset.UtcNow;
    private readonly Partner _own;
    private readonly Partner _partner;
    private readonly Partner _next;

    public EndpointProfileTests()
    {
        _own = new Partner(_now, "shop.example");
        _partner = new Partner(_now);
        _next = new Partner(_now);
    }

    [Test]
    public async Task HttpsSpiffe_ExpectedId_IsAskedAndFollowedThroughAChangeOfItsRoot()
    {
        using var directory = new TemporaryDirectory();
        await using var server = new TlsEndpoint { Certificate = _partner.Workload("/endpoint").WithKey(), Body = Partner.Document(1, 30, _partner, _next) };
        var time = new RecordingTime(_now);
        using var source = Create(directory, server, time, new RecordingLogger(), "spiffe://partner.example/endpoint");
        Assert.That(() => _next.Judge(source), Is.EqualTo(PeerRefusal.None).After(Patience, 5));

        // Now the endpoint's certificate is from the root that only the fetched bundle knows.
        server.Certificate = _next.Workload("/endpoint").WithKey();
        server.Body = Partner.Document(2, 30, _next);
        Assert.That(() => time.Waits.Count, Is.EqualTo(1).After(Patience, 5));
        time.Advance(time.Waits.Last());
        Assert.That(() => _partner.Judge(source), Is.EqualTo(PeerRefusal.Untrusted).After(Patience, 5));
        Assert.That(_next.Judge(source), Is.EqualTo(PeerRefusal.None));
    }

    [TestCase("spiffe://partner.example/endpoint", true, "Untrusted")]
    [TestCase("spiffe://partner.example/other", false, "UnexpectedId")]
    public async Task HttpsSpiffe_AnotherServer_IsRefusedAndTheFirstBundleStays(string expected, bool isStranger, string reason)
    {
        using var directory = new TemporaryDirectory();
        var serving = isStranger ? _next : _partner;
        await using var server = new TlsEndpoint { Certificate = serving.Workload("/endpoint").WithKey(), Body = Partner.Document(1, null, _next) };
        var time = new RecordingTime(_now);
        var log = new RecordingLogger();
        using var source = Create(directory, server, time, log, expected);
        Assert.That(() => time.Waits.Count, Is.EqualTo(1).After(Patience, 5));
        Assert.Multiple(() =>
        {
            Assert.That(_next.Judge(source), Is.EqualTo(PeerRefusal.Untrusted));
            Assert.That(_partner.Judge(source), Is.EqualTo(PeerRefusal.None));
            Assert.That(log.Entries.Select(static entry => entry.Message), Has.Some.Contains(reason == "Untrusted" ? "does not lead to an anchor" : "is expected"));
        });
    }

    [Test]
    public async Task HttpsWeb_CertificateOfNoPublicAuthority_IsRefused()
    {
        await using var server = new TlsEndpoint { Certificate = _partner.Workload("/endpoint").WithKey(), Body = Partner.Document(1, null, _partner) };
        var time = new RecordingTime(_now);
        var log = new RecordingLogger();
        var options = new FederatedBundleOptions { Endpoint = server.Address };
        using var source = new FederatedIdentitySource(new FixedSource(_own.Identity()), [KeyValuePair.Create("partner.example", options)], time, new Random(1), log);
        Assert.That(() => time.Waits.Count, Is.EqualTo(1).After(Patience, 5));
        Assert.That(_partner.Judge(source), Is.EqualTo(PeerRefusal.UnknownTrustDomain));
        Assert.That(log.Entries, Has.Count.EqualTo(1));
    }

    private FederatedIdentitySource Create(TemporaryDirectory directory, TlsEndpoint server, RecordingTime time, RecordingLogger log, string expected)
    {
        Directory.CreateDirectory(directory.Path);
        var first = Path.Combine(directory.Path, "first.pem");
        File.WriteAllText(first, _partner.Pem);
        var options = new FederatedBundleOptions { Bundle = first, Endpoint = server.Address, Profile = BundleEndpointProfile.HttpsSpiffe, EndpointId = expected };
        return new FederatedIdentitySource(new FixedSource(_own.Identity()), [KeyValuePair.Create("partner.example", options)], time, new Random(1), log);
    }

    private sealed class TlsEndpoint : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _accepting;

        public TlsEndpoint()
        {
            _listener.Start();
            _accepting = AcceptAsync();
        }

        public required X509Certificate2 Certificate { get; set; }

        public required string Body { get; set; }

        public string Address => $"https://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/bundle";

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Dispose();
            await _accepting;
            _stop.Dispose();
        }

        private async Task AcceptAsync()
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                    await using var tls = new SslStream(client.GetStream());
                    await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = Certificate }, _stop.Token);
                    using var reader = new StreamReader(tls);
                    while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 })
                    {
                    }

                    var body = Encoding.UTF8.GetBytes(Body);
                    await tls.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n"), _stop.Token);
                    await tls.WriteAsync(body, _stop.Token);
                }
                catch (Exception exception) when (exception is IOException or AuthenticationException or OperationCanceledException)
                {
                    // Refused by the client, or stopped.
                }
            }
        }
    }
}
