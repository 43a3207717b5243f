namespace Mesh.Client.Ejection;

/// <summary>One endpoint's interval.</summary>
/// <param name="Successes">Attempts that the endpoint answered as it should.</param>
/// <param name="Failures">Attempts that failed.</param>
/// <param name="Latency">The quantile to compare, or zero when there were too few requests.</param>
internal readonly record struct OutlierTally(long Successes, long Failures, TimeSpan Latency)
{
    public long Requests => Successes + Failures;

    public double SuccessRate => (double)Successes / Requests;
}
