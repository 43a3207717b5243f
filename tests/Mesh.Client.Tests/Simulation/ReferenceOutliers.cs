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
}
