using System.Net;
using Mesh.Client.HealthChecks;
using Mesh.Client.Tests.Fixtures;
using Mesh.Configuration;

namespace Mesh.Client.Tests.HealthChecks;

public sealed class HealthCheckSettingsTests
{
    [TestCase("""{ "Path": "health" }""", "HealthCheck:Path: found 'health'")]
    [TestCase("""{ "Path": "/a b" }""", "HealthCheck:Path: found '/a b'")]
    [TestCase("""{ "Host": "a b" }""", "HealthCheck:Host: found 'a b'")]
    [TestCase("""{ "Statuses": [ "200", "299-200" ] }""", "HealthCheck:Statuses:1: found '299-200', allowed is a status like 204, or a range like 200-299.")]
    [TestCase("""{ "Statuses": [ "20" ] }""", "HealthCheck:Statuses:0: found '20'")]
    [TestCase("""{ "GrpcService": "a b" }""", "HealthCheck:GrpcService: found 'a b'")]
    [TestCase("""{ "Interval": "10ms" }""", "HealthCheck:Interval: found '00:00:00.0100000'")]
    [TestCase("""{ "Timeout": "2m" }""", "HealthCheck:Timeout: found '00:02:00'")]
    [TestCase("""{ "UnhealthyThreshold": 0 }""", "HealthCheck:UnhealthyThreshold: found '0', allowed is a number from 1 to 1000.")]
    [TestCase("""{ "Protocol": "Tcp" }""", "HealthCheck:Protocol: found 'Tcp'")]
    public async Task Read_Mistake_IsNamed(string settings, string error)
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Orders($$"""{ "HealthCheck": {{settings}} }"""), stub);

        var exception = Assert.Throws<MeshConfigurationException>(() => _ = host.Directory);

        Assert.That(exception!.Message, Does.Contain(error));
    }

    [Test]
    public void Compile_NothingSaid_IsOff() =>
        Assert.That(HealthCheckPolicy.Compile(new HealthCheckOptions { Path = "/ready" }, new HealthCheckOptions()), Is.Null);

    [Test]
    public void Compile_ServiceOverDefaults_TakesFieldByField()
    {
        var policy = HealthCheckPolicy.Compile(
            new HealthCheckOptions { Path = "/ready", Statuses = ["204", "300 - 301"] },
            new HealthCheckOptions { Enabled = true, Interval = TimeSpan.FromSeconds(30), Path = "/other" })!;

        Assert.That(policy.Path, Is.EqualTo("/ready"));
        Assert.That(policy.Interval, Is.EqualTo(TimeSpan.FromSeconds(30)));
        Assert.That(policy.MaxJitter, Is.EqualTo(TimeSpan.FromSeconds(3)));
        Assert.That(policy.Statuses, Is.EqualTo([new StatusRange(204, 204), new StatusRange(300, 301)]));
        Assert.That(policy.UnhealthyThreshold, Is.EqualTo(3));
    }
}
