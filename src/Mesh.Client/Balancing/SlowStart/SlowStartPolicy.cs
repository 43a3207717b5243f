using Mesh.Client.Endpoints;

namespace Mesh.Client.Balancing.SlowStart;

/// <summary>
/// Holds back an endpoint that has just joined or returned. Its share is <c>max(least, (age ÷ window)^(1 ÷ aggression))</c>
/// of its weight, as in Envoy; reached by refusing draws of it at random, so that no table has to follow the clock.
/// </summary>
/// <param name="WindowTicks">The time until the full share, in timestamp ticks.</param>
/// <param name="Aggression">The curve.</param>
/// <param name="Least">The least share.</param>
internal sealed record SlowStartPolicy(long WindowTicks, double Aggression, double Least)
{
    public static SlowStartPolicy? Compile(SlowStartOptions options, SlowStartOptions defaults, TimeProvider time)
    {
        var window = options.Window ?? defaults.Window ?? TimeSpan.Zero;
        return window == TimeSpan.Zero
            ? null
            : new SlowStartPolicy(
                (long)(window.TotalSeconds * time.TimestampFrequency),
                options.Aggression ?? defaults.Aggression ?? 1,
                (options.MinWeightPercent ?? defaults.MinWeightPercent ?? 10) / 100.0);
    }

    public bool Admits(Endpoint endpoint, long now, Random random)
    {
        var age = now - endpoint.InRotationSince;
        return age >= WindowTicks || random.NextDouble() < ShareAt(age);
    }

    internal double ShareAt(long age) => Math.Max(Least, Math.Pow(Math.Max(0, (double)age / WindowTicks), 1 / Aggression));
}
