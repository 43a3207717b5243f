using System.Net;

namespace Mesh.EndToEnd.Tests.Rotation;

/// <summary>Identities that rotate under load: nobody notices, and the old ones are gone within the bound.</summary>
public sealed class RotationTests
{
    [TestCase("1.1", 5)]
    [TestCase("2.0", 5)]
    [TestCase("1.1", 60, Explicit = true, Reason = "A minute: dotnet test --filter RotateForAMinute")]
    [TestCase("2.0", 60, Explicit = true, Reason = "A minute")]
    public async Task Call_BothSidesRotateUnderLoad_NothingFailsAndOldCertificatesAreGoneWithinTheBound(string version, int seconds)
    {
        await using var load = await RotationLoad.StartAsync(bound: TimeSpan.FromSeconds(2));

        await load.RunAsync(Version.Parse(version), workers: 6, TimeSpan.FromSeconds(seconds));

        TestContext.Out.WriteLine($"{load.Requests} requests, {load.Connections} connections, old certificate used for up to {load.LongestUseOfOld}");
        Assert.That(load.Failures, Is.Empty);
        Assert.That(load.Requests, Is.GreaterThan(100));
        Assert.That(load.Connections, Is.GreaterThan(seconds), "connections are replaced");
        Assert.That(load.LongestUseOfOld, Is.LessThan(load.Bound));
    }
}
