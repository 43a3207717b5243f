namespace Mesh.Client.HealthChecks;

/// <summary>The checks of one endpoint so far. Lives as long as the endpoint is known, through every reload.</summary>
internal sealed class EndpointChecks
{
    private volatile CheckResult? _last;
    private volatile bool _isRunning;
    private long _due;
    private int _passed;
    private int _failed;

    /// <summary>What the last one said, or <see langword="null"/> when there was none yet.</summary>
    public CheckResult? Last => _last;

    /// <summary>When the next one is due, as a timestamp; 0 when there was none yet.</summary>
    public long Due => Volatile.Read(ref _due);

    public bool IsRunning => _isRunning;

    /// <summary>Marks it as being asked. Called by the sweep only.</summary>
    public void Claim() => _isRunning = true;

    /// <summary>It was claimed and not asked after all.</summary>
    public void Release() => _isRunning = false;

    /// <summary>Takes in the result of a check. Called by whoever holds the claim.</summary>
    /// <param name="result">What it said.</param>
    /// <param name="policy">How many in a row count.</param>
    /// <param name="next">When the next one is due, as a timestamp.</param>
    /// <returns>Whether the endpoint should be in rotation; <see langword="null"/> where this says nothing new.</returns>
    public bool? Record(CheckResult result, HealthCheckPolicy policy, long next)
    {
        var isFirst = _last is null;
        (_passed, _failed) = result.Passed ? (_passed + 1, 0) : (0, _failed + 1);
        _last = result;
        Volatile.Write(ref _due, next);
        _isRunning = false;
        if (result.Passed)
        {
            return isFirst || _passed >= policy.HealthyThreshold ? true : null;
        }

        return isFirst || _failed >= policy.UnhealthyThreshold ? false : null;
    }
}
