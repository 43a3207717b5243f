namespace Mesh.Client.Tests.Balancing;

/// <summary>Pearson's test of whether counts fit their expected shares.</summary>
internal static class ChiSquare
{
    /// <summary>Fails when counts this far from their shares would come once in ten thousand runs; seeds are fixed.</summary>
    public static void AssertFits(IReadOnlyList<int> counts, IEnumerable<double> weights)
    {
        var shares = weights.ToArray();
        var total = shares.Sum();
        var picks = counts.Sum();
        var statistic = counts.Zip(shares, (count, share) => Math.Pow(count - (picks * share / total), 2) / (picks * share / total)).Sum();
        Assert.That(statistic, Is.LessThan(Quantile(counts.Count - 1)), string.Join(' ', counts));
    }

    // Wilson and Hilferty's approximation; 3.719 is the 99.99 % quantile of the normal distribution.
    private static double Quantile(int freedom)
    {
        var spread = 2.0 / (9 * freedom);
        return freedom * Math.Pow(1 - spread + (3.719 * Math.Sqrt(spread)), 3);
    }
}
