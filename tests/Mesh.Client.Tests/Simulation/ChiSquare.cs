namespace Mesh.Client.Tests.Simulation;

/// <summary>Pearson's test of whether counts fit shares.</summary>
internal static class ChiSquare
{
    // One in three and a half million for counts that do fit.
    private const double Deviations = 5;

    /// <summary>The statistic, and the value it does not exceed when the counts fit (Wilson and Hilferty's approximation).</summary>
    public static (double Statistic, double Limit) Test(IReadOnlyList<int> counts, IReadOnlyList<int> weights)
    {
        double total = counts.Sum();
        double sum = weights.Sum();
        var statistic = counts.Zip(weights, (count, weight) => (Count: count, Expected: total * weight / sum)).Sum(static pair => Math.Pow(pair.Count - pair.Expected, 2) / pair.Expected);
        double freedom = counts.Count - 1;
        var root = 1 - (2 / (9 * freedom)) + (Deviations * Math.Sqrt(2 / (9 * freedom)));
        return (statistic, freedom * root * root * root);
    }
}
