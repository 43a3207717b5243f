namespace Mesh.Client.Ejection;

/// <summary>
/// Finds the endpoints that stand out among their peers at the end of an interval: Envoy's outlier detection, as gRPC's
/// proposal A50 writes it down, and a comparison of latencies. Gives their indices, the worst first.
/// </summary>
internal static class OutlierDetection
{
    /// <summary>Threshold = mean − factor/1000 × standard deviation of the success rates of all endpoints with enough requests.</summary>
    public static List<int> BySuccessRate(OutlierTally[] tallies, SuccessRatePolicy policy)
    {
        var (sum, count) = (0.0, 0);
        foreach (var tally in tallies)
        {
            if (tally.Requests >= policy.MinRequests)
            {
                sum += tally.SuccessRate;
                count++;
            }
        }

        if (count < policy.MinEndpoints)
        {
            return [];
        }

        var mean = sum / count;
        var squares = 0.0;
        foreach (var tally in tallies)
        {
            if (tally.Requests >= policy.MinRequests)
            {
                squares += (tally.SuccessRate - mean) * (tally.SuccessRate - mean);
            }
        }

        var threshold = mean - (policy.StdevFactor / 1000.0 * Math.Sqrt(squares / count));
        return Select(tallies, tally => tally.Requests >= policy.MinRequests && tally.SuccessRate < threshold, static tally => tally.SuccessRate);
    }

    /// <summary>Whose failures reach the threshold.</summary>
    public static List<int> ByFailurePercentage(OutlierTally[] tallies, FailurePercentagePolicy policy)
    {
        var count = 0;
        foreach (var tally in tallies)
        {
            count += tally.Requests >= policy.MinRequests ? 1 : 0;
        }

        return count < policy.MinEndpoints
            ? []
            : Select(
                tallies,
                tally => tally.Requests >= policy.MinRequests && tally.Failures * 100 >= tally.Requests * policy.Threshold,
                static tally => tally.SuccessRate);
    }

    /// <summary>Whose quantile lies above factor × the median of the others' quantiles.</summary>
    public static List<int> ByLatency(OutlierTally[] tallies, LatencyOutlierPolicy policy)
    {
        var measured = Array.FindAll(tallies, static tally => tally.Latency > TimeSpan.Zero);
        if (measured.Length < policy.MinEndpoints)
        {
            return [];
        }

        var sorted = Array.ConvertAll(measured, static tally => tally.Latency.Ticks);
        Array.Sort(sorted);
        return Select(
            tallies,
            tally => tally.Latency >= policy.MinLatency
                && tally.Latency > TimeSpan.Zero
                && tally.Latency.Ticks > policy.Factor * MedianOfOthers(sorted, Array.BinarySearch(sorted, tally.Latency.Ticks)),
            static tally => -tally.Latency.TotalSeconds);
    }

    private static double MedianOfOthers(long[] sorted, int self)
    {
        var others = sorted.Length - 1;
        return (At((others - 1) / 2) + At(others / 2)) / 2.0;

        long At(int index) => sorted[index < self ? index : index + 1];
    }

    private static List<int> Select(OutlierTally[] tallies, Predicate<OutlierTally> isOutlier, Func<OutlierTally, double> rank)
    {
        List<int> found = [];
        for (var i = 0; i < tallies.Length; i++)
        {
            if (isOutlier(tallies[i]))
            {
                found.Add(i);
            }
        }

        // Ties in the order of the endpoints: sorting alone would leave them to chance.
        found.Sort((left, right) => rank(tallies[left]).CompareTo(rank(tallies[right])) is not 0 and var order ? order : left.CompareTo(right));
        return found;
    }
}
