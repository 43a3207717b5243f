using Mesh.Client.Discovery;
using Mesh.Client.Endpoints;
using Mesh.Client.Sweeping;

namespace Mesh.Client.HealthChecks;

/// <summary>
/// Asks the endpoints of one service how they are, each at its interval and only so many at a time. On the shared sweep:
/// ten thousand endpoints have no timer of their own.
/// </summary>
internal sealed class HealthCheckSweep(ServiceTarget service, TimeProvider time, Random random, CancellationToken stopping) : ISwept
{
    // Endpoints come without telling the sweep.
    private static readonly TimeSpan LookForNewOnes = TimeSpan.FromSeconds(1);

    private readonly HealthProbe _probe = new(service, time);
    private volatile CheckRound _round = CheckRound.Empty;
    private int _workers;

    public long Sweep(long now)
    {
        if (service.Policy.HealthCheck is not { } policy)
        {
            return long.MaxValue;
        }

        // What nobody came to is due again; what discovery has taken away since is not asked any more.
        while (_round.Take() is { } late)
        {
            late.Checks!.Release();
        }

        var next = now + TicksOf(LookForNewOnes);
        List<Endpoint> due = [];
        foreach (var endpoint in service.Endpoints.All)
        {
            var checks = endpoint.Checks ??= new EndpointChecks();
            if (checks.IsRunning)
            {
                continue;
            }

            if (checks.Due > now)
            {
                next = Math.Min(next, checks.Due);
                continue;
            }

            checks.Claim();
            due.Add(endpoint);
        }

        if (due.Count > 0)
        {
            _round = new CheckRound(due);
            StartWorkers(policy.MaxConcurrent);
        }

        return next;
    }

    private void StartWorkers(int limit)
    {
        var wanted = Math.Min(limit, _round.Left);
        for (var i = 0; i < wanted && Volatile.Read(ref _workers) < limit; i++)
        {
            Interlocked.Increment(ref _workers);
            _ = Task.Run(WorkAsync, CancellationToken.None);
        }
    }

    private async Task WorkAsync()
    {
        try
        {
            while (_round.Take() is { } endpoint)
            {
                await CheckAsync(endpoint).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
        finally
        {
            Interlocked.Decrement(ref _workers);
        }
    }

    private async Task CheckAsync(Endpoint endpoint)
    {
        var checks = endpoint.Checks!;
        if (service.Policy.HealthCheck is not { } policy)
        {
            checks.Release();
            return;
        }

        var started = time.GetTimestamp();
        var failure = await _probe.AskAsync(endpoint, policy, stopping).ConfigureAwait(false);
        var now = time.GetTimestamp();
        var next = started + TicksOf(policy.Interval + (policy.MaxJitter * random.NextDouble()));
        var result = new CheckResult(failure, now);
        service.ReportCheck(endpoint, result, checks.Record(result, policy, Math.Max(now, next)));
    }

    private long TicksOf(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
