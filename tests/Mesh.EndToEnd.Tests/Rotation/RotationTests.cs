using System.Net;

namespace Mesh.EndToEnd.Tests.Rotation;

/// <summary>Identities that rotate under load: nobody notices, and the old ones are gone within the bound.</summary>
public sealed class RotationTests
{
    // A minute where there is time for it: CI=true dotnet test tests/Mesh.EndToEnd.Tests --filter Rotation
    private static readonly int Seconds = Environment.GetEnvironmentVariable("CI") == "true" ? 60 : 5;

    [TestCase("1.1")]
    [TestCase("2.0")]
    public async Task Call_BothSidesRotateUnderLoad_NothingFailsAndOldCertificatesAreGoneWithinTheBound(string version)
    {
        await using var load = await RotationLoad.StartAsync(bound: TimeSpan.FromSeconds(2));

        await load.RunAsync(Version.Parse(version), workers: 6, TimeSpan.FromSeconds(Seconds));

        TestContext.Out.WriteLine($"{load.Requests} requests, {load.Connections} connections, old certificate used for up to {load.LongestUseOfOld}");
        Assert.That(load.Failures, Is.Empty);
        Assert.That(load.Requests, Is.GreaterThan(100));
        Assert.That(load.Connections, Is.GreaterThan(Seconds), "connections are replaced");
        Assert.That(load.LongestUseOfOld, Is.LessThan(load.Bound));
    }
}
