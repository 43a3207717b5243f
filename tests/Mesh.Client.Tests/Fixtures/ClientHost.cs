using Mesh.Client.Discovery;
using Mesh.Client.State;
using Mesh.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Fixtures;

/// <summary>An application that calls others: service container, configuration, clock, log.</summary>
internal sealed class ClientHost : IAsyncDisposable
{
    private readonly ServiceProvider _provider;

    /// <param name="json">The application's configuration; trust domain and namespace of <see cref="TestAuthority.Shop"/> are added.</param>
    /// <param name="primary">The application's own innermost handler, or <see langword="null"/> for the mesh's transports.</param>
    /// <param name="time">The clock.</param>
    /// <param name="configure">Further registrations; runs after <c>AddMeshClient()</c>.</param>
    /// <param name="identity">Who the application is.</param>
    /// <param name="configureBefore">Further registrations; runs before <c>AddMeshClient()</c>.</param>
    public ClientHost(
        string json,
        HttpMessageHandler? primary = null,
        TimeProvider? time = null,
        Action<IServiceCollection>? configure = null,
        IIdentitySource? identity = null,
        Action<IServiceCollection>? configureBefore = null)
    {
        Configuration = new TestConfiguration(json);
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection([new("Mesh:Service:Name", "storefront"), new("Mesh:Service:Namespace", "shop"), new("Mesh:Service:TrustDomain", "shop.example")])
            .Add(Configuration)
            .Build());
        services.AddLogging(logging => logging.AddProvider(Log));
        services.AddSingleton(identity ?? TestAuthority.Shop.Identity("storefront"));
        services.AddSingleton(time ?? TimeProvider.System);
        configureBefore?.Invoke(services);
        services.AddMeshClient();
        if (primary is not null)
        {
            services.ConfigureHttpClientDefaults(http => http.ConfigurePrimaryHttpMessageHandler(() => primary));
        }

        configure?.Invoke(services);
        _provider = services.BuildServiceProvider();
    }

    public TestConfiguration Configuration { get; }

    public LogRecorder Log { get; } = new();

    public IServiceProvider Services => _provider;

    public ServiceDirectory Directory => Services.GetRequiredService<ServiceDirectory>();

    public MeshClientState State => Services.GetRequiredService<MeshClientState>();

    public HttpClient CreateClient(string name = "") => Services.GetRequiredService<IHttpClientFactory>().CreateClient(name);

    public ServiceTarget Service(string name) => Directory.Known.Single(service => service.Name == name);

    public ValueTask DisposeAsync() => _provider.DisposeAsync();
}
