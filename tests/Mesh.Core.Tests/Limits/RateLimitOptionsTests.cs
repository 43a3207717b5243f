using Mesh.Configuration;
using Mesh.Limits;
using Microsoft.Extensions.Configuration;

namespace Mesh.Core.Tests.Limits;

public sealed class RateLimitOptionsTests
{
    [Test]
    public void Read_AllFields_TakesThem()
    {
        var errors = new ConfigurationErrors();
        var limits = Read(errors, ("Name", "per-caller"), ("Partition", "principal"), ("Limit", "100"), ("Window", "00:00:02"), ("Burst", "50"));
        RateLimitOptions.Validate(limits, "Limits", errors);

        Assert.That(errors.All, Is.Empty);
        var limit = limits.Single();
        Assert.That((limit.Name, limit.Partition, limit.Limit, limit.Window, limit.Burst),
            Is.EqualTo(("per-caller", RateLimitPartition.Principal, 100, TimeSpan.FromSeconds(2), (int?)50)));
    }

    [TestCase("ip", RateLimitPartition.Ip)]
    [TestCase("Global", RateLimitPartition.Global)]
    public void Read_Partition_IgnoresCase(string text, RateLimitPartition partition)
    {
        var errors = new ConfigurationErrors();
        Assert.That(Read(errors, ("Partition", text)).Single().Partition, Is.EqualTo(partition));
        Assert.That(errors.All, Is.Empty);
    }

    [TestCase("Name", "", "Limits:0:Name: found ''")]
    [TestCase("Name", "a b", "Limits:0:Name: found 'a b'")]
    [TestCase("Partition", "tenant", "Limits:0:Partition: found 'tenant', allowed is one of Principal, Ip, Global, Peer, Consumer, Header, Claim, Route.")]
    [TestCase("Limit", "0", "Limits:0:Limit: found '0'")]
    [TestCase("Limit", "1000001", "Limits:0:Limit: found '1000001'")]
    [TestCase("Limit", "1.5", "Limits:0:Limit: found '1.5'")]
    [TestCase("Window", "0s", "Limits:0:Window: found '00:00:00'")]
    [TestCase("Window", "25h", "Limits:0:Window: found '1.01:00:00'")]
    [TestCase("Burst", "0", "Limits:0:Burst: found '0'")]
    [TestCase("Burst", "2147483647", "Limits:0:Burst: found '2147483647'")]
    [TestCase("Cost", "0", "Limits:0:Cost: found '0'")]
    [TestCase("Cost", "2", "Limits:0:Cost: found '2', allowed is a whole number from 1 to what may be taken at once")]
    [TestCase("Header", "x-tenant", "Limits:0:Header: found 'x-tenant', allowed is nothing, unless Partition is Header")]
    [TestCase("Partition", "Header", "Limits:0:Header")]
    [TestCase("Partition", "Claim", "Limits:0:Claim")]
    [TestCase("Partition", "Route", "Limits:0:Paths")]
    [TestCase("Paths:0", "orders", "Limits:0:Paths:0: found 'orders', allowed is a path such as")]
    [TestCase("Paths:0", "/a*b", "Limits:0:Paths:0: found '/a*b'")]
    [TestCase("Algorithm", "Leaky", "Limits:0:Algorithm: found 'Leaky', allowed is one of Gcra, SlidingWindow")]
    [TestCase("Brust", "5", "Limits:0:Brust: there is no such setting")]
    public void Validate_WithAMistake_NamesTheField(string field, string value, string error)
    {
        var errors = new ConfigurationErrors();
        var limits = Read(errors, [("Name", "n"), ("Limit", "1"), .. new[] { (field, value) }]);
        RateLimitOptions.Validate(limits, "Limits", errors);
        Assert.That(errors.All, Has.Some.Contains(error));
    }

    [TestCase("Burst", "1", "Limits:0:Burst: found '1', allowed is nothing beside SlidingWindow")]
    [TestCase("Limit", "65536", "Limits:0:Limit: found '65536', allowed is up to 65535 for a SlidingWindow")]
    [TestCase("Window", "9ms", "Limits:0:Window: found '00:00:00.0090000', allowed is at least 10 ms for a SlidingWindow")]
    public void Validate_SlidingWindowWithAMistake_NamesTheField(string field, string value, string error)
    {
        var errors = new ConfigurationErrors();
        var limits = Read(errors, [("Name", "n"), ("Limit", "1"), ("Algorithm", "SlidingWindow"), .. new[] { (field, value) }]);
        RateLimitOptions.Validate(limits, "Limits", errors);
        Assert.That(errors.All, Has.Some.Contains(error));
    }

    [Test]
    public void Validate_WithOneNameTwice_NamesTheSecond()
    {
        var errors = new ConfigurationErrors();
        RateLimitOptions.Validate([new() { Name = "a", Limit = 1 }, new() { Name = "a", Limit = 1 }], "Limits", errors);
        Assert.That(errors.All, Has.One.StartsWith("Limits:1:Name: found 'a'"));
    }

    private static List<RateLimitOptions> Read(ConfigurationErrors errors, params (string Name, string Value)[] fields)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(fields.Reverse().DistinctBy(static field => field.Name).ToDictionary(static field => $"R:Limits:0:{field.Name}", static field => (string?)field.Value))
            .Build();
        List<RateLimitOptions> limits = [];
        ConfigurationReader.Read(configuration.GetSection("R"), errors, limits, static (reader, target) =>
            target.AddRange(reader.Sections<RateLimitOptions>("Limits", RateLimitOptions.Read) ?? []));
        return limits;
    }
}
