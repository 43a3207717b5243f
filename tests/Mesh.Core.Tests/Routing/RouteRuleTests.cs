using Mesh.Routing;
using static Mesh.Core.Tests.Routing.Routes;

namespace Mesh.Core.Tests.Routing;

public sealed class RouteRuleTests
{
    [Test]
    public void PickBackend_Weights_ShareInProportion()
    {
        // χ² with 2 degrees of freedom: 13.8 is exceeded once in a thousand seeds, and the seed is fixed.
        const int Draws = 100_000;
        var rule = CompileWeights(70, 0, 25, 5);
        var random = new Random(1);
        var counts = new Dictionary<string, int>();
        for (var i = 0; i < Draws; i++)
        {
            var name = rule.PickBackend(random)!.Name;
            counts[name] = counts.GetValueOrDefault(name) + 1;
        }

        var chiSquared = new[] { ("b0", 0.70), ("b2", 0.25), ("b3", 0.05) }
            .Sum(share => Math.Pow(counts[share.Item1] - (Draws * share.Item2), 2) / (Draws * share.Item2));
        Assert.Multiple(() =>
        {
            Assert.That(counts.ContainsKey("b1"), Is.False, "weight 0");
            Assert.That(chiSquared, Is.LessThan(13.8));
        });
    }

    [Test]
    public void PickBackend_LargestWeights_DoNotOverflow()
    {
        var rule = CompileWeights([.. Enumerable.Repeat(1_000_000, 3_000)]);
        var random = new Random(2);
        Assert.That(() => rule.PickBackend(random), Is.Not.Null);
    }

    [Test]
    public void PickBackend_NoneOrOnlyWeightZero_ReturnsNull()
    {
        var random = new Random(3);
        Assert.Multiple(() =>
        {
            Assert.That(CompileWeights().PickBackend(random), Is.Null);
            Assert.That(CompileWeights(0).PickBackend(random), Is.Null);
            Assert.That(CompileWeights(0, 0).PickBackend(random), Is.Null);
            Assert.That(CompileWeights(0, 1).PickBackend(random)!.Name, Is.EqualTo("b1"));
        });
    }

    [Test]
    public void Compile_Timeouts_ZeroIsOffAndAbsentIsAbsent()
    {
        var off = Rule("off");
        off.Timeouts = new RouteTimeoutsOptions { Request = TimeSpan.Zero, BackendRequest = TimeSpan.FromSeconds(1) };
        var rules = Compile(("r", Route([], off, Rule("absent")))).Rules;
        Assert.Multiple(() =>
        {
            Assert.That(rules[0].RequestTimeout, Is.EqualTo(Timeout.InfiniteTimeSpan));
            Assert.That(rules[0].BackendTimeout, Is.EqualTo(TimeSpan.FromSeconds(1)));
            Assert.That(rules[1].RequestTimeout, Is.Null);
        });
    }

    [Test]
    public void Compile_Backend_NamesItsService()
    {
        var rule = Rule("r");
        rule.BackendRefs = [new() { Name = "orders" }, new() { Name = "orders", Namespace = "shop", Port = 8443 }];
        var backends = Compile(("r", Route([], rule))).Rules[0].Backends;
        Assert.Multiple(() =>
        {
            Assert.That(backends[0].Service, Is.EqualTo("orders"));
            Assert.That(backends[1].Service, Is.EqualTo("orders.shop"));
            Assert.That(backends[1].Port, Is.EqualTo(8443));
        });
    }

    private static RouteRule CompileWeights(params int[] weights)
    {
        var rule = Rule("r");
        rule.BackendRefs = [.. weights.Select(static (weight, i) => new BackendRefOptions { Name = $"b{i}", Weight = weight })];
        return Compile(("r", Route([], rule))).Rules[0];
    }
}
