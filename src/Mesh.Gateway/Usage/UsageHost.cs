using Mesh.Configuration;
using Mesh.Gateway.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Gateway.Usage;

/// <summary>
/// Opens the journal before the server listens and closes it behind the last request. It asks for the policy only then: the
/// start-up checks, which come first, are to report every error of the configuration together.
/// </summary>
internal sealed partial class UsageHost(IServiceProvider services, ILogger<UsageHost> logger) : IHostedLifecycleService
{
    private UsageStore? _store;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <exception cref="InvalidOperationException">The folder of the journal cannot be used.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _store = services.GetRequiredService<UsageStore>();
        _store.Open();
        if (!_store.IsKept && services.GetRequiredService<PolicySource<GatewayPolicy>>().Current.Consumers?.HasQuotas == true)
        {
            Log.NotKept(logger);
        }

        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        _store?.Close();
        return Task.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Quotas begin anew with every start of this process: set Mesh:Gateway:Usage:Directory to keep what was used.")]
        public static partial void NotKept(ILogger logger);
    }
}
