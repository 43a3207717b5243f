using Mesh.Authorization;
using Mesh.Configuration;

namespace Mesh.Core.Tests.Authorization;

public sealed class AuthorizationEngineTests
{
    private const string Storefront = "shop.example/ns/shop/sa/storefront";

    private const string AllowReads =
        """ "reads": { "Rules": [ { "To": [ { "Methods": [ "POST" ] } ] }, { "To": [ { "Methods": [ "GET", "HEAD" ] } ] } ] } """;

    private const string DenyAdmin = """ "no-admin": { "Action": "Deny", "Rules": [ { "To": [ { "Paths": [ "/admin*" ] } ] } ] } """;

    [Test]
    public void Evaluate_WithoutPolicies_Allows() =>
        Assert.That(AuthorizationEngine.Empty.Evaluate(Policies.Request()), Is.EqualTo(new AuthorizationDecision(true, null, -1)));

    [Test]
    public void Compile_WithoutPolicies_IsEmpty() => Assert.That(Policies.Compile("{}"), Is.SameAs(AuthorizationEngine.Empty));

    [Test]
    public void Evaluate_WhenAllowingPolicyMatches_NamesPolicyAndRule() =>
        Assert.That(Policies.Compile($"{{ {AllowReads} }}").Evaluate(Policies.Request()), Is.EqualTo(new AuthorizationDecision(true, "reads", 1)));

    [Test]
    public void Evaluate_WhenNoAllowingPolicyMatches_Refuses() => Assert.That(
        Policies.Compile($"{{ {AllowReads} }}").Evaluate(Policies.Request(method: "DELETE")), Is.EqualTo(new AuthorizationDecision(false, null, -1)));

    [Test]
    public void Evaluate_WithDenyingPoliciesOnly_AllowsTheRest()
    {
        var engine = Policies.Compile($"{{ {DenyAdmin} }}");
        Assert.That(engine.Evaluate(Policies.Request(path: "/orders")), Is.EqualTo(new AuthorizationDecision(true, null, -1)));
        Assert.That(engine.Evaluate(Policies.Request(path: "/admin/users")), Is.EqualTo(new AuthorizationDecision(false, "no-admin", 0)));
    }

    [Test]
    public void Evaluate_WhenBothMatch_DenyWins() => Assert.That(
        Policies.Compile($"{{ {AllowReads}, {DenyAdmin} }}").Evaluate(Policies.Request(path: "/admin")),
        Is.EqualTo(new AuthorizationDecision(false, "no-admin", 0)));

    [Test]
    public void Evaluate_WhenSeveralMatch_NamesTheFirstByName() => Assert.That(
        Policies.Compile("""{ "b": { "Rules": [ {} ] }, "a": { "Rules": [ {} ] } }""").Evaluate(Policies.Request()).Policy,
        Is.EqualTo("a"));

    [TestCase("""{ "p": {} }""", false, TestName = "Evaluate_AllowWithoutRules_RefusesEverything")]
    [TestCase("""{ "p": { "Rules": [] } }""", false, TestName = "Evaluate_AllowWithEmptyRules_RefusesEverything")]
    [TestCase("""{ "p": { "Rules": [ {} ] } }""", true, TestName = "Evaluate_AllowWithOneEmptyRule_AllowsEverything")]
    [TestCase("""{ "p": { "Action": "deny" } }""", true, TestName = "Evaluate_DenyWithoutRules_RefusesNothing")]
    [TestCase("""{ "p": { "Action": "Deny", "Rules": [] } }""", true, TestName = "Evaluate_DenyWithEmptyRules_RefusesNothing")]
    [TestCase("""{ "p": { "Action": "Deny", "Rules": [ {} ] } }""", false, TestName = "Evaluate_DenyWithOneEmptyRule_RefusesEverything")]
    [TestCase("""{ "none": {}, "all": { "Rules": [ {} ] } }""", true, TestName = "Evaluate_AllowNothingBesideAllowEverything_Allows")]
    public void Rules(string policies, bool allowed) =>
        Assert.That(Policies.Compile(policies).Evaluate(Policies.Request(Storefront)).Allowed, Is.EqualTo(allowed));

    // From AND To; entries of From and of To are alternatives; fields of an entry are all required; values are alternatives.
    [TestCase("shop.example/ns/shop/sa/storefront", "GET", "/orders", true)]
    [TestCase("shop.example/ns/shop/sa/storefront", "HEAD", "/orders", true)]
    [TestCase("shop.example/ns/shop/sa/storefront", "POST", "/orders", false)]
    [TestCase("shop.example/ns/shop/sa/storefront", "POST", "/baskets/1", true)]
    [TestCase("shop.example/ns/shop/sa/storefront", "GET", "/baskets/1", false)]
    [TestCase("shop.example/ns/ops/sa/console", "GET", "/orders", true)]
    [TestCase("shop.example/ns/ops/sa/console", "POST", "/baskets/1", true)]
    [TestCase("shop.example/ns/ops/sa/robot", "GET", "/orders", false)]
    [TestCase("other.example/ns/ops/sa/console", "GET", "/orders", false)]
    [TestCase(null, "GET", "/orders", false)]
    public void Evaluate_WithSeveralEntriesAndFields_CombinesThem(string? peer, string method, string path, bool allowed)
    {
        var engine = Policies.Compile("""
            { "p": { "Rules": [ {
                "From": [ { "Principals": [ "shop.example/ns/shop/sa/storefront" ] },
                          { "Namespaces": [ "ops" ], "TrustDomains": [ "shop.example" ], "NotPrincipals": [ "*/robot" ] } ],
                "To": [ { "Methods": [ "GET", "HEAD" ], "Paths": [ "/orders", "/orders/*" ] },
                        { "Methods": [ "POST" ], "Paths": [ "/baskets/*" ] } ] } ] } }
            """);
        Assert.That(engine.Evaluate(Policies.Request(peer, method: method, path: path)).Allowed, Is.EqualTo(allowed));
    }

    [Test]
    public void Compile_WithAnError_ReturnsAnEngineThatRefuses()
    {
        var errors = new ConfigurationErrors();
        var engine = AuthorizationEngine.Compile(Policies.Read("""{ "p": { "Action": "Deny", "Rules": [ { "To": [] } ] } }""", errors), "shop", Policies.Path, errors);
        Assert.That(errors.All, Is.Not.Empty);
        Assert.That(engine.Evaluate(Policies.Request()).Allowed, Is.False);
    }

    [Test]
    public void Evaluate_DoesNotAllocate()
    {
        var engine = Policies.Compile($$"""
            { {{AllowReads}}, {{DenyAdmin}},
              "templates": { "Action": "Deny", "Rules": [ { "To": [ { "Paths": [ "/a/{*}/b/{**}" ], "NotHosts": [ "*.shop.example:80*" ] } ] } ] },
              "peers": { "Action": "Deny", "Rules": [ { "From": [ { "Principals": [ "*/nobody" ], "RequestPrincipals": [ "*" ] } ] } ] } }
            """);
        var request = Policies.Request(Storefront, "https://login.example/alice", "www.shop.example:8080", path: "/orders/17");
        engine.Evaluate(in request);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            engine.Evaluate(in request);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }
}
