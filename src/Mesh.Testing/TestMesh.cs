using System.Globalization;
using Mesh.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Testing;

/// <summary>
/// A mesh inside of a test: every service is a real application that listens on a loopback port and speaks mutual TLS with
/// an identity of its own, and all of them know each other's addresses.
/// </summary>
/// <example>
/// <code>
/// await using var mesh = await TestMesh.StartAsync(mesh => mesh
///     .AddService("orders", app => app.MapGet("/", () => "42 cups"), replicas: 3));
/// var storefront = mesh.CreateClient("storefront");
///
/// await mesh["orders"][0].KillAsync();
///
/// Assert.That(await storefront.GetStringAsync("https://orders/"), Is.EqualTo("42 cups"));
/// </code>
/// </example>
public sealed class TestMesh : IAsyncDisposable
{
    private readonly TestMeshBuilder _builder;
    private readonly Dictionary<string, TestService> _services = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, (TestSettings Settings, ServiceProvider Services)> _callers = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<TestIdentitySource> _identities = [];

    private TestMesh(TestMeshBuilder builder)
    {
        _builder = builder;
        Authority = new TestCertificateAuthority(builder.TrustDomain, builder.Namespace);
    }

    /// <summary>The authority that every identity of this mesh comes from.</summary>
    public TestCertificateAuthority Authority { get; }

    /// <summary>A service by its name.</summary>
    /// <exception cref="KeyNotFoundException">There is no such service.</exception>
    public TestService this[string service] => _services[service];

    /// <summary>Starts the services; they know of each other when this returns.</summary>
    /// <param name="configure">Declares them.</param>
    public static async Task<TestMesh> StartAsync(Action<TestMeshBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var builder = new TestMeshBuilder();
        configure(builder);
        var mesh = new TestMesh(builder);
        try
        {
            foreach (var declaration in builder.Services)
            {
                await mesh.StartAsync(declaration).ConfigureAwait(false);
            }

            mesh.Announce();
            return mesh;
        }
        catch
        {
            await mesh.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// A client that calls the services of this mesh as the service <paramref name="caller"/> would, which need not exist:
    /// with its identity, by the names of services, with balancing and retries.
    /// </summary>
    /// <param name="caller">A name, <c>name.namespace</c>, or a whole SPIFFE ID.</param>
    public HttpClient CreateClient(string caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (!_callers.TryGetValue(caller, out var process))
        {
            _callers[caller] = process = CreateCaller(caller);
        }

        return process.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
    }

    /// <summary>Changes a setting of every process while they run, those of <see cref="CreateClient"/> too.</summary>
    /// <param name="key">The whole key, such as <c>Mesh:Client:Services:orders:Timeout</c>.</param>
    /// <param name="value">The value, or <see langword="null"/> to remove it.</param>
    public void Configure(string key, string? value)
    {
        _builder.Settings[key] = value;
        Configure([KeyValuePair.Create(key, value)]);
    }

    /// <summary>Stops every service at once.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var (_, services) in _callers.Values)
        {
            await services.DisposeAsync().ConfigureAwait(false);
        }

        await Task.WhenAll(_services.Values.SelectMany(static service => service.Replicas).Select(static replica => replica.KillAsync())).ConfigureAwait(false);
        _identities.ForEach(static identity => identity.Dispose());
        Authority.Dispose();
    }

    private async Task StartAsync(TestMeshBuilder.ServiceDeclaration declaration)
    {
        List<TestReplica> replicas = [];
        _services[declaration.Name] = new TestService(declaration.Name, replicas);
        for (var i = 0; i < declaration.Replicas; i++)
        {
            var replica = new TestReplica(declaration, CreateIdentity(declaration.Name));
            replica.Configure([.. CommonSettings(declaration.Name), .. declaration.Settings]);
            await replica.StartAsync().ConfigureAwait(false);
            replicas.Add(replica);
        }
    }

    private (TestSettings Settings, ServiceProvider Services) CreateCaller(string caller)
    {
        var settings = new TestSettings();
        var identity = CreateIdentity(caller);
        settings.Change([.. CommonSettings(identity.Current.Id.ServiceAccount ?? "caller"), .. Addresses()]);
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Add(settings).Build());
        services.AddSingleton<IIdentitySource>(identity);
        services.AddMeshClient();
        return (settings, services.BuildServiceProvider());
    }

    private TestIdentitySource CreateIdentity(string service)
    {
        var identity = Authority.CreateSource(service);
        _identities.Add(identity);
        return identity;
    }

    private IEnumerable<KeyValuePair<string, string?>> CommonSettings(string service) =>
    [
        new("Mesh:Service:Name", service),
        new("Mesh:Service:Namespace", _builder.Namespace),
        new("Mesh:Service:TrustDomain", _builder.TrustDomain),
        .. _builder.Settings,
    ];

    private IEnumerable<KeyValuePair<string, string?>> Addresses() => _services.Values.SelectMany(static service =>
        service.Replicas.Select((replica, index) => KeyValuePair.Create(
            string.Create(CultureInfo.InvariantCulture, $"Services:{service.Name}:https:{index}"),
            (string?)replica.Address.ToString())));

    // Ports are known only when everybody listens.
    private void Announce() => Configure([.. Addresses()]);

    private void Configure(KeyValuePair<string, string?>[] settings)
    {
        foreach (var replica in _services.Values.SelectMany(static service => service.Replicas))
        {
            replica.Configure(settings);
        }

        foreach (var (process, _) in _callers.Values)
        {
            process.Change(settings);
        }
    }
}
