using Mesh.Limits;
using Microsoft.Extensions.Logging;

namespace Mesh.Gateway.Quotas;

/// <summary>
/// Asks the store of shared quotas, and knows when to leave it alone: after a failure nobody waits for it but one request every
/// <see cref="ProbeInterval"/>. One line of the log says that it has gone, and one that it is back.
/// </summary>
internal sealed partial class QuotaStoreGate(IQuotaStore store, TimeProvider time, ILogger<QuotaStoreGate> logger)
{
    public static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);

    private long _probeAt = long.MinValue;
    private int _isGone;

    /// <summary>Whether the store did not answer when it was last asked.</summary>
    public bool IsGone => Volatile.Read(ref _isGone) == 1;

    /// <returns>The answer, or <see langword="null"/> when the store does not give one in time.</returns>
    public async ValueTask<SharedQuotaAnswer?> TryClaimAsync(SharedQuotaClaim claim, TimeSpan timeout)
    {
        if (!MayAsk())
        {
            return null;
        }

        try
        {
            var answer = await store.ClaimAsync(claim, CancellationToken.None).AsTask().WaitAsync(timeout, time).ConfigureAwait(false);
            if (Interlocked.Exchange(ref _isGone, 0) == 1)
            {
                Log.Back(logger);
            }

            return answer;
        }
#pragma warning disable CA1031 // Whatever is wrong with the store, the request goes on by what is configured for that.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Volatile.Write(ref _probeAt, After(time.GetTimestamp()));
            if (Interlocked.Exchange(ref _isGone, 1) == 0)
            {
                Log.Gone(logger, exception.Message);
            }

            return null;
        }
    }

    private bool MayAsk()
    {
        if (!IsGone)
        {
            return true;
        }

        var now = time.GetTimestamp();
        var probeAt = Volatile.Read(ref _probeAt);
        return now >= probeAt && Interlocked.CompareExchange(ref _probeAt, After(now), probeAt) == probeAt;
    }

    private long After(long now) => now + (long)(ProbeInterval.TotalSeconds * time.TimestampFrequency);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The store of the shared quotas does not answer: what each quota says in WhenUnavailable holds. {Reason}")]
        public static partial void Gone(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Information, "The store of the shared quotas answers again: it is told what was used meanwhile.")]
        public static partial void Back(ILogger logger);
    }
}
