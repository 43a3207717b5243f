using Mesh.Client.Ejection;

namespace Mesh.Client.Tests.Simulation;

/// <summary>
/// Who stands out among its peers, computed a second time: in decimal fractions, without a square root, and from the
/// definition. x &lt; mean − f·σ says the same as x &lt; mean and (mean − x)² &gt; f²·σ².
/// </summary>
internal static class ReferenceOutliers
{
    public static T[] BySuccessRate<T>(IReadOnlyList<(T Endpoint, int Successes, int Requests)> windows, SuccessRatePolicy policy)
    {
        var busy = windows.Where(window => window.Requests >= policy.MinRequests).Select(static window => (window.Endpoint, Rate: (decimal)window.Successes / window.Requests)).ToArray();
        if (busy.Length < policy.MinEndpoints)
        {
            return [];
        }

        var mean = busy.Average(static endpoint => endpoint.Rate);
        var variance = busy.Average(endpoint => (endpoint.Rate - mean) * (endpoint.Rate - mean));
        var factor = policy.StdevFactor / 1000m;
        return [.. busy
            .Where(endpoint => endpoint.Rate < mean && (mean - endpoint.Rate) * (mean - endpoint.Rate) > factor * factor * variance)
            .OrderBy(static endpoint => endpoint.Rate)
            .Select(static endpoint => endpoint.Endpoint)];
    }

    public static T[] ByFailurePercentage<T>(IReadOnlyList<(T Endpoint, int Successes, int Requests)> windows, FailurePercentagePolicy policy)
    {
        var busy = windows.Where(window => window.Requests >= policy.MinRequests).Select(static window => (window.Endpoint, Failed: 1 - ((decimal)window.Successes / window.Requests))).ToArray();
        return busy.Length < policy.MinEndpoints
            ? []
            : [.. busy.Where(endpoint => Math.Round(100 * endpoint.Failed, 12) >= policy.Threshold).OrderByDescending(static endpoint => endpoint.Failed).Select(static endpoint => endpoint.Endpoint)];
    }

    public static T[] ByLatency<T>(IReadOnlyList<(T Endpoint, IReadOnlyList<TimeSpan> Latencies)> windows, LatencyOutlierPolicy policy)
    {
        var measured = windows
            .Where(window => window.Latencies.Count >= Math.Max(1, policy.MinRequests))
            .Select(window => (window.Endpoint, Latency: Rounded(window.Latencies.Order().ElementAt((int)Math.Ceiling(policy.Quantile * window.Latencies.Count) - 1))))
            .ToArray();
        return measured.Length < policy.MinEndpoints
            ? []
            : [.. measured
                .Where((endpoint, self) => endpoint.Latency >= policy.MinLatency.TotalMicroseconds
                    && endpoint.Latency > policy.Factor * Median([.. measured.Where((_, other) => other != self).Select(static other => other.Latency)]))
                .OrderByDescending(static endpoint => endpoint.Latency)
                .Select(static endpoint => endpoint.Endpoint)];
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values.Length % 2 == 1 ? values[values.Length / 2] : (values[(values.Length / 2) - 1] + values[values.Length / 2]) / 2;
    }

    // A measured latency is known to an eighth of a power of two, and rounded up: here by walking the bounds, in µs.
    private static double Rounded(TimeSpan latency)
    {
        double bound = 64;
        for (double octave = 64; bound <= Math.Floor(latency.TotalMicroseconds); octave *= 2)
        {
            for (var eighth = 1; eighth <= 8 && bound <= Math.Floor(latency.TotalMicroseconds); eighth++)
            {
                bound = octave * (1 + (eighth / 8.0));
            }
        }

        return bound;
    }
}
