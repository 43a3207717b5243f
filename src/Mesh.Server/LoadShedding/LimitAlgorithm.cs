namespace Mesh.Server.LoadShedding;

/// <summary>Finds the number of requests that are served at a time. Used by one thread at a time.</summary>
internal abstract class LimitAlgorithm
{
    /// <summary>The next limit.</summary>
    /// <param name="limit">The present one; not a whole number, so that small steps add up.</param>
    /// <param name="seen">What was seen since the last look; perhaps nothing.</param>
    /// <param name="now">The time of the look, on any monotonic clock.</param>
    public abstract double Next(double limit, in LatencySummary seen, TimeSpan now);

    public static LimitAlgorithm Create(LoadSheddingOptions options, Random random) => options.Algorithm switch
    {
        SheddingAlgorithm.Aimd => new AimdLimit(),
        SheddingAlgorithm.Vegas => new VegasLimit(random),
        SheddingAlgorithm.Gradient2 => new Gradient2Limit(),
        SheddingAlgorithm.Gradient => new GradientLimit(options.MinLimit, random),
        _ => new FixedLimit(options.InitialLimit),
    };
}
