using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Fixtures;

/// <summary>A replica of a service on a loopback port: Kestrel with mutual TLS, which can be killed and started again.</summary>
internal sealed class MeshService : IAsyncDisposable
{
    private readonly FixedIdentity? _identity;
    private readonly Func<HttpContext, Task> _handle;
    private readonly Func<X509Certificate2, bool> _acceptsPeer;
    private WebApplication? _app;

    private MeshService(FixedIdentity? identity, Func<HttpContext, Task>? handle, Func<X509Certificate2, bool>? acceptsPeer)
    {
        _identity = identity;
        _handle = handle ?? (static context => context.Response.WriteAsync("ok"));
        _acceptsPeer = acceptsPeer ?? (static _ => true);
    }

    public int Port { get; private set; }

    public string Url => $"{(_identity is null ? "http" : "https")}://127.0.0.1:{Port}";

    public ConcurrentQueue<Arrival> Arrivals { get; } = new();

    /// <param name="identity">Who it is; <see langword="null"/> for a service that does not speak TLS.</param>
    /// <param name="handle">The application.</param>
    /// <param name="acceptsPeer">Whether a client's certificate is good enough.</param>
    public static async Task<MeshService> StartAsync(FixedIdentity? identity, Func<HttpContext, Task>? handle = null, Func<X509Certificate2, bool>? acceptsPeer = null)
    {
        var service = new MeshService(identity, handle, acceptsPeer);
        await service.StartAsync();
        return service;
    }

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = TimeSpan.Zero);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, Port, Listen));
        var app = builder.Build();
        app.Run(async context =>
        {
            var certificate = context.Connection.ClientCertificate;
            var peer = certificate is null ? null : PeerVerifier.Verify(certificate, null, _identity!.Current.Trust, DateTimeOffset.UtcNow).Id?.ToString();
            Arrivals.Enqueue(new Arrival(
                context.Request.Method,
                context.Request.Host.Value,
                context.Request.Path,
                context.Request.Protocol,
                peer,
                context.Connection.Id,
                context.Request.Headers.ToDictionary(static header => header.Key, static header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
            await _handle(context);
        });
        await app.StartAsync();
        Port = new Uri(app.Urls.Single()).Port;
        _app = app;
    }

    /// <summary>Ends it without grace: open connections are cut.</summary>
    public async Task KillAsync()
    {
        if (Interlocked.Exchange(ref _app, null) is not { } app)
        {
            return;
        }

        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private void Listen(ListenOptions listen)
    {
        if (_identity is null)
        {
            return;
        }

        listen.Protocols = HttpProtocols.Http1AndHttp2;
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = _identity.Current.CertificateContext,
                ClientCertificateRequired = true,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 leaf && _acceptsPeer(leaf),
            }),
        });
    }

    internal sealed record Arrival(string Method, string? Host, string Path, string Protocol, string? Peer, string Connection, Dictionary<string, string> Headers);
}
