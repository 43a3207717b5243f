using Mesh.Authorization;
using Mesh.Configuration;
using Mesh.Core.Tests.Authorization;
using Mesh.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Core.Tests.Identity;

public sealed class TrustDomainAliasesTests
{
    private static readonly TrustDomainAliases Aliases = new("shop.example", ["old.example", "shop.example"]);

    [TestCase("Allow", "Principals", "old.example/ns/shop/sa/orders", true)]
    [TestCase("Allow", "Principals", "shop.example/ns/shop/sa/orders", true)]
    [TestCase("Allow", "Principals", "old.example/*", true)]
    [TestCase("Allow", "Principals", "*/sa/orders", true)]
    [TestCase("Allow", "Principals", "other.example/ns/shop/sa/orders", false)]
    [TestCase("Allow", "TrustDomains", "old.example", true)]
    [TestCase("Allow", "NotPrincipals", "old.example/ns/shop/sa/orders", false)]
    [TestCase("Allow", "NotTrustDomains", "old.example", false)]
    [TestCase("Deny", "Principals", "old.example/ns/shop/sa/orders", false)]
    [TestCase("Deny", "NotPrincipals", "old.example/ns/shop/sa/orders", true)]
    public void Evaluate_PeerWithSeveralNames_GoesByEach(string action, string field, string value, bool allowed)
    {
        var engine = Compile($$"""{ "p": { "Action": "{{action}}", "Rules": [ { "From": [ { "{{field}}": [ "{{value}}" ] } ] } ] } }""", Aliases);
        Assert.Multiple(() =>
        {
            Assert.That(engine.Evaluate(Policies.Request("shop.example/ns/shop/sa/orders")).Allowed, Is.EqualTo(allowed));
            Assert.That(engine.Evaluate(Policies.Request("old.example/ns/shop/sa/orders")).Allowed, Is.EqualTo(allowed));
        });
    }

    [Test]
    public void Evaluate_TrustDomainThatIsNoAlias_GoesByItsOwnName()
    {
        var engine = Compile("""{ "p": { "Rules": [ { "From": [ { "Principals": [ "shop.example/*", "other.example/a" ] } ] } ] } }""", Aliases);
        Assert.Multiple(() =>
        {
            Assert.That(engine.Evaluate(Policies.Request("other.example/a")).Allowed, Is.True);
            Assert.That(engine.Evaluate(Policies.Request("other.example/b")).Allowed, Is.False);
            Assert.That(engine.Evaluate(Policies.Request()).Allowed, Is.False);
        });
    }

    [Test]
    public void Evaluate_SamePeerAgain_AllocatesNothing()
    {
        var engine = Compile("""{ "p": { "Rules": [ { "From": [ { "Principals": [ "old.example/*" ] } ] } ] } }""", Aliases);
        var request = Policies.Request("shop.example/a");
        engine.Evaluate(in request);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            engine.Evaluate(in request);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void AreSame_WithoutAliases_IsByName()
    {
        Assert.Multiple(() =>
        {
            Assert.That(TrustDomainAliases.None.AreSame("a", "a"), Is.True);
            Assert.That(TrustDomainAliases.None.AreSame("a", "b"), Is.False);
            Assert.That(() => new TrustDomainAliases("a", ["B"]), Throws.ArgumentException);
        });
    }

    [Test]
    public void AddMeshCore_Aliases_ComeFromTheService()
    {
        using var services = Build(new() { ["Mesh:Service:Name"] = "a", ["Mesh:Service:TrustDomain"] = "new.example", ["Mesh:Service:TrustDomainAliases:0"] = "cluster.local" });
        Assert.That(services.GetRequiredService<TrustDomainAliases>().AreSame("cluster.local", "new.example"), Is.True);
    }

    [Test]
    public void AddMeshCore_AliasThatIsNoTrustDomain_IsNamed()
    {
        using var services = Build(new() { ["Mesh:Service:Name"] = "a", ["Mesh:Service:TrustDomainAliases:0"] = "spiffe://a" });
        Assert.That(
            () => services.GetRequiredService<MeshServiceOptions>(),
            Throws.TypeOf<MeshConfigurationException>().With.Message.Contains("Mesh:Service:TrustDomainAliases:0: found 'spiffe://a'"));
    }

    private static ServiceProvider Build(Dictionary<string, string?> values) => new ServiceCollection()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(values).Build())
        .AddMeshCore()
        .BuildServiceProvider();

    private static AuthorizationEngine Compile(string json, TrustDomainAliases aliases)
    {
        var errors = new ConfigurationErrors();
        var engine = AuthorizationEngine.Compile(Policies.Read(json, errors), "shop", Policies.Path, errors, aliases);
        errors.ThrowIfAny(Policies.Path);
        return engine;
    }
}
