using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Mesh.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.EndToEnd.Tests.Handshakes;

/// <summary>A mesh server against a client that presents each chain of the corpus.</summary>
public sealed class ServerRefusesTests
{
    private readonly RefusalRecorder _recorder = new();
    private WebApplication _server = null!;
    private int _port;

    [OneTimeSetUp]
    public async Task Start()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(HandshakeCorpus.Settings());
        builder.Configuration["Mesh:Server:Drain:Grace"] = "0s";
        builder.Logging.ClearProviders().AddProvider(_recorder);
        builder.Services.AddSingleton<IIdentitySource>(new CorpusIdentity(HandshakeCorpus.Corpus));
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.UseHttps()));
        builder.AddMeshServer();
        _server = builder.Build();
        _server.UseMesh();
        _server.MapGet("/", static () => Results.NoContent());
        await _server.StartAsync();
        _port = new Uri(_server.Urls.Single()).Port;
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _server.DisposeAsync();
        _recorder.Dispose();
    }

    [TestCaseSource(typeof(HandshakeCorpus), nameof(HandshakeCorpus.Cases))]
    public async Task Handshake_ClientPresentsChain_IsServedOrRefusedForTheReason(int index)
    {
        var presenter = HandshakeCorpus.Presenters[index];
        _recorder.Refusals.Clear();
        var (answered, said) = await TryGetAsync(presenter);
        Assert.That(answered, Is.EqualTo(presenter.Case.Expected == PeerRefusal.None), $"{_recorder.Refusals.FirstOrDefault().Message} {said}");
        if (!answered && !presenter.FailsBeforeServer)
        {
            Assert.That(() => _recorder.Refusals.FirstOrDefault().Refusal, Is.EqualTo(presenter.Case.Expected).After(20_000, 10), said);
        }
    }

    private async Task<(bool Answered, string? Said)> TryGetAsync(Presenter presenter)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        if (presenter.Context is null)
        {
            var said = await OpenSsl.GetAsync(presenter.Case, _port, timeout.Token);
            return (said.Contains("HTTP/1.1 204", StringComparison.Ordinal), said);
        }

        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _port, timeout.Token);
        await using var tls = new SslStream(client.GetStream());
        try
        {
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = "orders",
                ClientCertificateContext = presenter.Context,
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            };
            await tls.AuthenticateAsClientAsync(options, timeout.Token);

            // In TLS 1.3 the client is done before the server has judged it: only an answer proves acceptance.
            await tls.WriteAsync("GET / HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n"u8.ToArray(), timeout.Token);
            using var reader = new StreamReader(tls);
            var status = await reader.ReadLineAsync(timeout.Token);
            return (status == "HTTP/1.1 204 No Content", status);
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException)
        {
            return (false, exception.Message);
        }
    }
}
