using Mesh.Limits;
using Mesh.Server.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Server.RateLimits.Shared;

/// <summary>
/// Asks the store of shared limits, and knows when to leave it alone: after a failure nobody waits for it but one request every
/// <see cref="ProbeInterval"/>. One line of the log says that it has gone, and one that it is back.
/// </summary>
internal sealed partial class StoreGate(IRateLimitStore store, TimeProvider time, MeshServerTelemetry telemetry, ILogger<StoreGate> logger)
{
    public static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);

    private long _probeAt = long.MinValue;
    private long _backAt = long.MinValue;
    private int _isGone;

    /// <summary>Charges shared limits.</summary>
    /// <param name="charges">What to take.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <returns>The answers, or <see langword="null"/> when the store does not answer.</returns>
    public async ValueTask<IReadOnlyList<SharedRateLimitResult>?> TryChargeAsync(IReadOnlyList<SharedRateLimitCharge> charges, TimeSpan timeout)
    {
        if (!MayAsk())
        {
            telemetry.RateLimitFellBack();
            return null;
        }

        try
        {
            var charging = store.ChargeAsync(charges, CancellationToken.None);
            var results = charging.IsCompletedSuccessfully
                ? charging.Result
                : await charging.AsTask().WaitAsync(timeout, time).ConfigureAwait(false);
            Answered();
            return results;
        }
#pragma warning disable CA1031 // Whatever is wrong with the store, the request goes on by what is configured for that.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Failed(exception);
            telemetry.RateLimitFellBack();
            return null;
        }
    }

    /// <summary>Whether the store was away within the last <paramref name="span"/>: what it says may be less than what has passed.</summary>
    public bool WasGoneWithin(TimeSpan span) =>
        Volatile.Read(ref _backAt) is var back and not long.MinValue && time.GetElapsedTime(back) < span;

    /// <summary>Gives back what was taken, in the background: the request has its answer already.</summary>
    public void Refund(IReadOnlyList<SharedRateLimitCharge> charges, IReadOnlyList<SharedRateLimitResult> results) => _ = RefundAsync(charges, results);

    private async Task RefundAsync(IReadOnlyList<SharedRateLimitCharge> charges, IReadOnlyList<SharedRateLimitResult> results)
    {
        try
        {
            await store.RefundAsync(charges, results).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // What is not given back comes back with time.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Failed(exception);
        }
    }

    private bool MayAsk()
    {
        if (Volatile.Read(ref _isGone) == 0)
        {
            return true;
        }

        var now = time.GetTimestamp();
        var probeAt = Volatile.Read(ref _probeAt);
        return now >= probeAt && Interlocked.CompareExchange(ref _probeAt, After(now), probeAt) == probeAt;
    }

    private void Answered()
    {
        if (Volatile.Read(ref _isGone) == 1)
        {
            Volatile.Write(ref _backAt, time.GetTimestamp());
            if (Interlocked.Exchange(ref _isGone, 0) == 1)
            {
                Log.Back(logger);
            }
        }
    }

    private void Failed(Exception exception)
    {
        Volatile.Write(ref _probeAt, After(time.GetTimestamp()));
        if (Interlocked.Exchange(ref _isGone, 1) == 0)
        {
            Log.Gone(logger, exception.Message);
        }
    }

    private long After(long now) => now + (long)(ProbeInterval.TotalSeconds * time.TimestampFrequency);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The store of the shared rate limits does not answer: what each limit says in WhenUnavailable holds. {Reason}")]
        public static partial void Gone(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Information, "The store of the shared rate limits answers again.")]
        public static partial void Back(ILogger logger);
    }
}
