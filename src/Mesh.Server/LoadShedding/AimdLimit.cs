namespace Mesh.Server.LoadShedding;

/// <summary>Additive increase, multiplicative decrease: Netflix <c>concurrency-limits</c>, <c>AIMDLimit</c>.</summary>
internal sealed class AimdLimit : LimitAlgorithm
{
    private const double Decrease = 0.9;
    private static readonly TimeSpan TooLong = TimeSpan.FromSeconds(5);

    public override double Next(double limit, in LatencySummary seen, TimeSpan now)
    {
        // What the limiter itself refuses says nothing about the application; only its own failures and latency do.
        if (seen.Dropped > 0 || seen.Mean > TooLong)
        {
            return limit * Decrease;
        }

        return seen.Peak * 2 >= limit ? limit + 1 : limit;
    }
}
