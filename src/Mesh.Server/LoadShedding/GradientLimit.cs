namespace Mesh.Server.LoadShedding;

/// <summary>The latency against the least latency: Envoy's adaptive concurrency, <c>gradient_controller</c>.</summary>
/// <remarks>
/// Every minute (plus up to 15 %, so that replicas do not do it together) the limit is pinned to its minimum for fifty
/// requests, and their median is the least latency, <c>m</c>. Otherwise the next limit is <c>g·L + √(g·L)</c> with
/// <c>g = (m + m/4) / median</c> within 0.5 … 2. Five looks in a row at the minimum have <c>m</c> measured again: the
/// application has become slower, and not its queue longer. Unlike Envoy's it does not grow while less than half of the
/// limit is used, or a quiet night would leave no limit at all.
/// </remarks>
internal sealed class GradientLimit(int minLimit, Random random) : LimitAlgorithm
{
    private const int ProbeRequests = 50;
    private const int LooksAtMinimum = 5;
    private const double Buffer = 1.25;
    private const double Jitter = 0.15;
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(60);

    private readonly List<(TimeSpan Median, int Count)> _probe = [];
    private TimeSpan _least;
    private TimeSpan _nextProbe;
    private double _before;
    private int _atMinimum;
    private bool _isProbing;

    public override double Next(double limit, in LatencySummary seen, TimeSpan now)
    {
        if (_isProbing)
        {
            return Probe(seen, now);
        }

        if (_least == TimeSpan.Zero || now >= _nextProbe || _atMinimum >= LooksAtMinimum)
        {
            (_isProbing, _before, _atMinimum) = (true, limit, 0);
            _probe.Clear();
            return minLimit;
        }

        if (seen.Count == 0)
        {
            return limit;
        }

        var gradient = Math.Clamp(Buffer * (_least / seen.Median), 0.5, 2);
        var next = (gradient * limit) + Math.Sqrt(gradient * limit);
        if (next > limit && seen.Peak * 2 < limit)
        {
            return limit;
        }

        _atMinimum = next <= minLimit + 1 ? _atMinimum + 1 : 0;
        return next;
    }

    private double Probe(in LatencySummary seen, TimeSpan now)
    {
        // Requests that were admitted before the limit was pinned would count the queue in.
        if (seen.Count > 0 && seen.Peak <= minLimit)
        {
            _probe.Add((seen.Median, seen.Count));
        }

        if (_probe.Sum(static look => look.Count) < ProbeRequests)
        {
            return minLimit;
        }

        _isProbing = false;
        _least = Median();
        _nextProbe = now + (ProbeInterval * (1 + (Jitter * random.NextDouble())));
        return Math.Max(_before, minLimit);
    }

    private TimeSpan Median()
    {
        var half = _probe.Sum(static look => look.Count) / 2;
        foreach (var (median, count) in _probe.OrderBy(static look => look.Median))
        {
            half -= count;
            if (half < 0)
            {
                return median;
            }
        }

        return _probe[^1].Median;
    }
}
