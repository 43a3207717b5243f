using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Mesh.Gateway.Quotas;

/// <summary>
/// Settles with the store of shared quotas every two seconds, and behind the last request. It asks for the policy only when it
/// starts: the start-up checks, which come first, are to report every error of the configuration together.
/// </summary>
internal sealed class QuotaShareHost(IServiceProvider services, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private QuotaShares? _shares;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _shares = services.GetRequiredService<QuotaShares>();
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        if (_shares is { } shares)
        {
            await shares.SettleAsync(all: true).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                await _shares!.SettleAsync(all: false).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left is settled by the caller.
        }
    }
}
