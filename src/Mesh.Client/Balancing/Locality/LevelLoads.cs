namespace Mesh.Client.Balancing.Locality;

/// <summary>
/// How calls spread over levels of priority while their endpoints are so or so healthy: Envoy's priority load and panic.
/// Immutable; made anew when the health of an endpoint changes.
/// </summary>
internal sealed class LevelLoads
{
    // Envoy's overprovisioning factor of 140 %: a level takes all of its calls until less than 72 % of it are healthy.
    private const double Overprovisioning = 1.4;

    private readonly double[] _bounds;
    private readonly bool[] _panic;
    private readonly int _only = -1;

    /// <param name="version">What <see cref="Ejection.EjectionLedger.Version"/> was before the endpoints were counted.</param>
    /// <param name="levels">How many endpoints of each level are healthy, of how many.</param>
    /// <param name="panicThreshold">The share of healthy endpoints, in percent, below which a level ignores health; 0 for never.</param>
    public LevelLoads(int version, ReadOnlySpan<(int Healthy, int Total)> levels, int panicThreshold)
    {
        Version = version;
        _bounds = new double[levels.Length];
        _panic = new bool[levels.Length];
        double health = 0;
        var total = 0;
        foreach (var level in levels)
        {
            health += HealthOf(level);
            total += level.Total;
        }

        var available = Math.Min(100, health);
        double given = 0;
        for (var i = 0; i < levels.Length; i++)
        {
            // With nothing healthy anywhere, endpoints count as they are.
            var load = available == 0 ? 100.0 * levels[i].Total / total : HealthOf(levels[i]) * 100 / available;
            load = Math.Min(100 - given, load);
            given += load;
            _bounds[i] = given;
            _panic[i] = available < 100 && 100.0 * levels[i].Healthy / levels[i].Total < panicThreshold;
            if (load > 99.999)
            {
                _only = i;
            }
        }
    }

    public int Version { get; }

    /// <summary>Chooses the level of a call. Calls that stick to an endpoint also stick to a level.</summary>
    public int Choose(Random random, ulong? hash)
    {
        if (_only >= 0)
        {
            return _only;
        }

        var point = hash is { } fixedPoint ? fixedPoint % 10_000 / 100.0 : random.NextDouble() * 100;
        for (var level = 0; level < _bounds.Length - 1; level++)
        {
            if (point < _bounds[level])
            {
                return level;
            }
        }

        return _bounds.Length - 1;
    }

    /// <summary>Whether so few endpoints of the level are healthy that health is not asked any more.</summary>
    public bool IsPanic(int level) => _panic[level];

    private static double HealthOf((int Healthy, int Total) level) => Math.Min(100, 100 * Overprovisioning * level.Healthy / level.Total);
}
