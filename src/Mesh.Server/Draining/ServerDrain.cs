using Mesh.Configuration;
using Mesh.Server.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Server.Draining;

/// <summary>
/// Lets the process leave without a failed request: readiness fails at once, everything is served for the grace time, in
/// its second half every connection is asked to close, and only then Kestrel stops.
/// </summary>
/// <remarks>
/// The first half is for those who learn of readiness late: callers that are sent away at once would come back to the same
/// replica. Stopping services hear of the end before any of them is stopped, so Kestrel waits for this one. The policy is
/// read when it is needed: the host makes this service before anybody has validated the configuration.
/// </remarks>
internal sealed partial class ServerDrain(
    Lazy<PolicySource<ServerPolicy>> policies,
    IHostEnvironment environment,
    TimeProvider time,
    ILogger<ServerDrain> logger) : IHostedLifecycleService
{
    private static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(5);

    private volatile bool _isDraining;
    private volatile bool _closesConnections;

    /// <summary>Whether the process is about to stop.</summary>
    public bool IsDraining => _isDraining;

    /// <summary>Asks the caller of a request to use another connection, once it is time.</summary>
    public void Mark(HttpContext http)
    {
        if (!_closesConnections)
        {
            return;
        }

        if (HttpProtocol.IsHttp2(http.Request.Protocol) || HttpProtocol.IsHttp3(http.Request.Protocol))
        {
            http.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }
        else
        {
            http.Response.Headers.Connection = "close";
        }
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var grace = policies.Value.Current.DrainGrace ?? (environment.IsDevelopment() ? TimeSpan.Zero : DefaultGrace);
        _isDraining = true;
        if (grace <= TimeSpan.Zero)
        {
            _closesConnections = true;
            return;
        }

        Log.Draining(logger, grace);
        try
        {
            await Task.Delay(grace / 2, time, cancellationToken).ConfigureAwait(false);
            _closesConnections = true;
            await Task.Delay(grace / 2, time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The host is out of time.
            Log.CutShort(logger);
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The process was told to stop: it is not ready any more, and serves requests for another {Grace}.")]
        public static partial void Draining(ILogger logger, TimeSpan grace);

        [LoggerMessage(2, LogLevel.Warning, "The grace time was cut short: the host's ShutdownTimeout has passed.")]
        public static partial void CutShort(ILogger logger);
    }
}
