using Mesh.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.EndToEnd.Tests.Handshakes;

/// <summary>A mesh client against a server that presents each chain of the corpus.</summary>
public sealed class ClientRefusesTests
{
    private static readonly string[] TrustDomains = ["shop", "other", "issuing", "former", "later"];

    private readonly List<OpenSsl> _tools = [];
    private PlainTlsServer _server = null!;
    private ServiceProvider _client = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = new PlainTlsServer();
        var settings = HandshakeCorpus.Settings();
        settings["Mesh:Client:Defaults:Retry:Attempts"] = "0";
        for (var i = 0; i < TrustDomains.Length; i++)
        {
            settings[$"Mesh:Client:Defaults:Tls:AllowedPeers:{i}"] = $"spiffe://{TrustDomains[i]}.example/*";
        }

        for (var i = 0; i < HandshakeCorpus.Presenters.Count; i++)
        {
            settings[$"Services:case-{i}:https:0"] = $"https://127.0.0.1:{await PortOfAsync(HandshakeCorpus.Presenters[i])}";
        }

        _client = new ServiceCollection()
            .AddLogging()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
            .AddSingleton<IIdentitySource>(new CorpusIdentity(HandshakeCorpus.Corpus))
            .AddMeshClient()
            .BuildServiceProvider();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
        foreach (var tool in _tools)
        {
            await tool.DisposeAsync();
        }
    }

    [TestCaseSource(typeof(HandshakeCorpus), nameof(HandshakeCorpus.Cases))]
    public async Task Get_ServerPresentsChain_IsAnsweredOrRefusedForTheReason(int index)
    {
        var client = _client.GetRequiredService<IHttpClientFactory>().CreateClient("any");
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        PeerRefusal actual;
        string? detail = null;
        try
        {
            using var response = await client.GetAsync(new Uri($"https://case-{index}/"), timeout.Token);
            actual = PeerRefusal.None;
        }
        catch (HttpRequestException exception) when (exception.InnerException is MeshTlsException refused)
        {
            (actual, detail) = (refused.Reason, refused.Message);
        }

        var presenter = HandshakeCorpus.Presenters[index];
        Assert.That(actual, Is.EqualTo(presenter.FailsBeforeClient ? PeerRefusal.HandshakeFailed : presenter.Case.Expected), detail);
    }

    private async Task<int> PortOfAsync(Presenter presenter)
    {
        if (presenter.Context is not null)
        {
            return _server.Port;
        }

        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var (tool, port) = await OpenSsl.ServeAsync(presenter.Case, timeout.Token);
        _tools.Add(tool);
        return port;
    }
}
