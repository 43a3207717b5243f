using Mesh.Client.Balancing;

namespace Mesh.Client.Tests.Simulation;

/// <summary>
/// Thousands of seconds of faults in seconds, each run made from one number. <c>MESH_SIMULATION_SEEDS=500</c> runs that
/// many seeds instead of a few, <c>MESH_SIMULATION_SEED=17</c> one that failed.
/// </summary>
public sealed class SimulationTests
{
    private static readonly TimeSpan End = TimeSpan.FromSeconds(1_000);

    public static IEnumerable<int> Seeds() => Environment.GetEnvironmentVariable("MESH_SIMULATION_SEED") is { Length: > 0 } seed
        ? [int.Parse(seed, System.Globalization.CultureInfo.InvariantCulture)]
        : Enumerable.Range(1, int.TryParse(Environment.GetEnvironmentVariable("MESH_SIMULATION_SEEDS"), out var count) ? count : 12);

    [TestCaseSource(nameof(Seeds))]
    public void Run_AnySeed_KeepsEveryInvariant(int seed)
    {
        using var world = new World(seed, End);
        Run(world, seed);
        foreach (var caller in world.Callers)
        {
            TestContext.Out.WriteLine(
                $"{world.Description}: {caller.Succeeded} succeeded, {caller.Failed} failed, {caller.Reference.Attempts} attempts, "
                + $"{caller.Reference.Retries} retries, {caller.Reference.Refused} refused, {caller.Reference.Ejections} ejections");
        }
    }

    [Test]
    public void Run_SameSeedTwice_IsTheSameToTheLastEvent()
    {
        var first = TraceOf(3);
        var second = TraceOf(3);
        Assert.That(second, Is.EqualTo(first));
        Assert.That(TraceOf(4), Is.Not.EqualTo(first));

        static (ulong Trace, long Events) TraceOf(int seed)
        {
            using var world = new World(seed, TimeSpan.FromSeconds(200));
            Run(world, seed);
            return (world.Trace, world.Time.Events);
        }
    }

    private static void Run(World world, int seed)
    {
        try
        {
            world.Run();
        }
        catch (InvariantException exception)
        {
            Assert.Fail($"MESH_SIMULATION_SEED={seed}, after {world.Time.Elapsed} and {world.Time.Events} events ({world.Description}): {exception.Message}");
        }
    }
}
