namespace Mesh.Server.LoadShedding;

/// <summary>TCP Vegas (Brakmo and Peterson, 1995) for requests: Netflix <c>concurrency-limits</c>, <c>VegasLimit</c>.</summary>
/// <remarks>
/// The queue that a latency above the least one speaks of is held between α = 3·log₁₀ L and β = 6·log₁₀ L. The least
/// latency is forgotten every 30·L samples, times a factor of chance, so that it follows an application that has become slower.
/// </remarks>
internal sealed class VegasLimit(Random random) : LimitAlgorithm
{
    private const int ProbeFactor = 30;

    private TimeSpan _least;
    private double _samples;
    private double _jitter = 0.5 + (random.NextDouble() / 2);

    public override double Next(double limit, in LatencySummary seen, TimeSpan now)
    {
        if (seen.Dropped > 0)
        {
            return limit - Log(limit);
        }

        if (seen.Count == 0)
        {
            return limit;
        }

        _samples += seen.Count;
        if (_samples >= _jitter * ProbeFactor * limit)
        {
            (_samples, _jitter, _least) = (0, 0.5 + (random.NextDouble() / 2), seen.Mean);
            return limit;
        }

        if (_least == TimeSpan.Zero || seen.Mean < _least)
        {
            _least = seen.Mean;
            return limit;
        }

        // What is not used says nothing about whether more would do.
        return seen.Peak * 2 < limit ? limit : Step(limit, Math.Ceiling(limit * (1 - (_least / seen.Mean))));
    }

    private static double Step(double limit, double queue)
    {
        var log = Log(limit);
        var (alpha, beta) = (3 * log, 6 * log);
        return queue <= log ? limit + beta
            : queue < alpha ? limit + log
            : queue > beta ? limit - log
            : limit;
    }

    private static double Log(double limit) => Math.Max(1, Math.Log10(limit));
}
