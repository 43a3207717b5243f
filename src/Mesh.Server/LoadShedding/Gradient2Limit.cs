namespace Mesh.Server.LoadShedding;

/// <summary>The drift of the latency against its long average: Netflix <c>concurrency-limits</c>, <c>Gradient2Limit</c>.</summary>
internal sealed class Gradient2Limit : LimitAlgorithm
{
    private const double Tolerance = 1.5;
    private const double Smoothing = 0.2;
    private const int Headroom = 4;
    private const int LongWindow = 600;
    private const int WarmUp = 10;

    private double _long;
    private int _samples;

    public override double Next(double limit, in LatencySummary seen, TimeSpan now)
    {
        if (seen.Count == 0)
        {
            return limit;
        }

        var recent = seen.Mean.TotalMicroseconds;
        Average(recent);

        // Long after a bad time the average would still call everything fast.
        if (_long / recent > 2)
        {
            _long *= 0.95;
        }

        if (seen.Peak < limit / 2)
        {
            return limit;
        }

        var gradient = Math.Clamp(Tolerance * _long / recent, 0.5, 1);
        return (limit * (1 - Smoothing)) + (Smoothing * ((limit * gradient) + Headroom));
    }

    private void Average(double recent)
    {
        if (_samples < WarmUp)
        {
            _samples++;
            _long += (recent - _long) / _samples;
        }
        else
        {
            _long += (recent - _long) * 2 / (LongWindow + 1);
        }
    }
}
