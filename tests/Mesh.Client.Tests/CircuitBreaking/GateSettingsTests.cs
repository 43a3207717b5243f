using System.Net;
using Mesh.Client.CircuitBreaking;
using Mesh.Client.Tests.Fixtures;
using Mesh.Client.Throttling;
using Mesh.Configuration;

namespace Mesh.Client.Tests.CircuitBreaking;

public sealed class GateSettingsTests
{
    [TestCase("""{ "CircuitBreaker": { "FailureRatio": 0 } }""", "CircuitBreaker:FailureRatio: found '0', allowed is a number above 0 and up to 1.")]
    [TestCase("""{ "CircuitBreaker": { "MinThroughput": 0 } }""", "CircuitBreaker:MinThroughput: found '0'")]
    [TestCase("""{ "CircuitBreaker": { "Window": "10ms" } }""", "CircuitBreaker:Window: found '00:00:00.0100000'")]
    [TestCase("""{ "CircuitBreaker": { "BreakDuration": "0s" } }""", "CircuitBreaker:BreakDuration: found '00:00:00'")]
    [TestCase("""{ "CircuitBreaker": { "Trials": 0 } }""", "CircuitBreaker:Trials: found '0'")]
    [TestCase("""{ "Throttling": { "Multiplier": 1 } }""", "Throttling:Multiplier: found '1', allowed is a number from 1.01 to 100.")]
    [TestCase("""{ "Throttling": { "Window": "2h" } }""", "Throttling:Window: found '02:00:00'")]
    [TestCase("""{ "Throttling": { "MaxPercent": 0 } }""", "Throttling:MaxPercent: found '0'")]
    public async Task Read_Mistake_IsNamed(string settings, string error)
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Orders(settings), stub);

        Assert.That(Assert.Throws<MeshConfigurationException>(() => _ = host.Directory)!.Message, Does.Contain(error));
    }

    [Test]
    public void Compile_NothingSaid_IsOff()
    {
        Assert.That(CircuitBreakerPolicy.Compile(new CircuitBreakerOptions { Trials = 2 }, new CircuitBreakerOptions()), Is.Null);
        Assert.That(ThrottlingPolicy.Compile(new ThrottlingOptions { MaxPercent = 50 }, new ThrottlingOptions()), Is.Null);
    }

    [Test]
    public void Compile_Defaults_AreTheDocumentedOnes()
    {
        Assert.That(
            CircuitBreakerPolicy.Compile(new CircuitBreakerOptions { Enabled = true }, new CircuitBreakerOptions()),
            Is.EqualTo(new CircuitBreakerPolicy(0.5, 10, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(2), 1)));
        Assert.That(
            ThrottlingPolicy.Compile(new ThrottlingOptions(), new ThrottlingOptions { Enabled = true }),
            Is.EqualTo(new ThrottlingPolicy(2, TimeSpan.FromMinutes(2), 0.9)));
    }
}
