using System.Net;
using Mesh.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Testing;

/// <summary>One process of a service: a real application with a real listener and an identity of its own.</summary>
public sealed class TestReplica
{
    private readonly TestMeshBuilder.ServiceDeclaration _declaration;
    private readonly TestSettings _settings = new();
    private ConnectionCutter _connections = new();
    private WebApplication? _app;

    internal TestReplica(TestMeshBuilder.ServiceDeclaration declaration, TestIdentitySource identity)
    {
        _declaration = declaration;
        Identity = identity;
    }

    /// <summary>Its identity, which a test may rotate.</summary>
    public TestIdentitySource Identity { get; }

    /// <summary>Where it listens; the same after a restart.</summary>
    public IPEndPoint Address { get; private set; } = new(IPAddress.Loopback, 0);

    /// <summary>Whether it is up.</summary>
    public bool IsRunning => _app is not null;

    /// <summary>Its service container.</summary>
    /// <exception cref="InvalidOperationException">It is not running.</exception>
    public IServiceProvider Services => _app?.Services ?? throw new InvalidOperationException($"This replica of '{_declaration.Name}' is not running.");

    /// <summary>Changes a setting of this replica while it runs.</summary>
    /// <param name="key">The whole key, such as <c>Mesh:Server:RequestTimeout</c>.</param>
    /// <param name="value">The value, or <see langword="null"/> to remove it.</param>
    public void Configure(string key, string? value) => Configure([KeyValuePair.Create(key, value)]);

    /// <summary>Starts it, on the port it had before. Does nothing when it is running.</summary>
    public async Task StartAsync()
    {
        if (_app is not null)
        {
            return;
        }

        var connections = new ConnectionCutter();
        var app = Build(connections);
        try
        {
            await app.StartAsync().ConfigureAwait(false);
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        var address = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        Address = new IPEndPoint(IPAddress.Loopback, new Uri(address).Port);
        _connections = connections;
        _app = app;
    }

    /// <summary>Stops it as a deployment does: no new connections, requests under way are finished.</summary>
    public Task StopAsync() => EndAsync(CancellationToken.None);

    /// <summary>Ends it as SIGKILL does: every connection breaks, whatever it is carrying.</summary>
    public Task KillAsync()
    {
        _connections.Cut();
        return EndAsync(new CancellationToken(canceled: true));
    }

    internal void Configure(IEnumerable<KeyValuePair<string, string?>> settings) => _settings.Change(settings);

    private WebApplication Build(ConnectionCutter connections)
    {
        // Nothing of the test's own process: no appsettings.json, no environment variables.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Test", ApplicationName = _declaration.Name });
        builder.Configuration.Sources.Clear();

        // Whoever stops a replica in a test does not want to wait for callers that look for another.
        builder.Configuration.AddInMemoryCollection([new("Mesh:Server:Drain:Grace", "0s")]);
        builder.Configuration.Sources.Add(_settings);
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IIdentitySource>(Identity);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(Address, endpoint =>
        {
            connections.Watch(endpoint);
            endpoint.UseHttps();
        }));
        builder.AddMeshClient();
        builder.AddMeshServer();
        _declaration.Configure?.Invoke(builder);
        var app = builder.Build();
        app.UseMesh();
        _declaration.Map(app);
        return app;
    }

    private async Task EndAsync(CancellationToken patience)
    {
        if (_app is not { } app)
        {
            return;
        }

        _app = null;
        try
        {
            await app.StopAsync(patience).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            // It was not given time to stop in order.
        }

        await app.DisposeAsync().ConfigureAwait(false);
    }
}
