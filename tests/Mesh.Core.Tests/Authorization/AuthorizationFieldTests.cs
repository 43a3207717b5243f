using Mesh.Authorization;

namespace Mesh.Core.Tests.Authorization;

/// <summary>One field with one value, in an allowing policy: what it matches passes.</summary>
public sealed class AuthorizationFieldTests
{
    private const string Peer = "shop.example/ns/shop/sa/storefront";
    private const string Token = "https://login.example/alice";

    // Strings: exact, prefix, suffix, presence.
    [TestCase("Principals", "shop.example/ns/shop/sa/storefront", true)]
    [TestCase("Principals", "shop.example/ns/shop/sa/store", false)]
    [TestCase("Principals", "Shop.example/ns/shop/sa/storefront", false)]
    [TestCase("Principals", "shop.example/ns/shop/*", true)]
    [TestCase("Principals", "shop.example/ns/other/*", false)]
    [TestCase("Principals", "*/sa/storefront", true)]
    [TestCase("Principals", "*/sa/front", false)]
    [TestCase("Principals", "*", true)]
    [TestCase("NotPrincipals", "shop.example/ns/shop/sa/storefront", false)]
    [TestCase("NotPrincipals", "shop.example/ns/shop/sa/orders", true)]
    [TestCase("NotPrincipals", "*", false)]
    [TestCase("RequestPrincipals", "https://login.example/alice", true)]
    [TestCase("RequestPrincipals", "https://login.example/*", true)]
    [TestCase("RequestPrincipals", "https://login.example/bob", false)]
    [TestCase("RequestPrincipals", "*", true)]
    [TestCase("NotRequestPrincipals", "*/alice", false)]
    [TestCase("NotRequestPrincipals", "*/bob", true)]
    [TestCase("Namespaces", "shop", true)]
    [TestCase("Namespaces", "sho*", true)]
    [TestCase("Namespaces", "Shop", false)]
    [TestCase("Namespaces", "ops", false)]
    [TestCase("NotNamespaces", "ops", true)]
    [TestCase("NotNamespaces", "shop", false)]
    [TestCase("TrustDomains", "shop.example", true)]
    [TestCase("TrustDomains", "*.example", true)]
    [TestCase("TrustDomains", "shop", false)]
    [TestCase("NotTrustDomains", "shop.example", false)]
    [TestCase("NotTrustDomains", "other.example", true)]
    public void Evaluate_BySource_Decides(string field, string value, bool allowed) =>
        Assert.That(Allow("From", field, value).Evaluate(Policies.Request(Peer, Token)).Allowed, Is.EqualTo(allowed));

    // An absent attribute never matches a positive field and always satisfies the Not form.
    [TestCase("Principals", "*", false)]
    [TestCase("NotPrincipals", "*", true)]
    [TestCase("RequestPrincipals", "*", false)]
    [TestCase("NotRequestPrincipals", "*", true)]
    [TestCase("Namespaces", "*", false)]
    [TestCase("NotNamespaces", "*", true)]
    [TestCase("TrustDomains", "*", false)]
    [TestCase("NotTrustDomains", "*", true)]
    public void Evaluate_WithoutPeerAndToken_TreatsThemAsAbsent(string field, string value, bool allowed) =>
        Assert.That(Allow("From", field, value).Evaluate(Policies.Request(token: "")).Allowed, Is.EqualTo(allowed));

    [TestCase("Namespaces", false)]
    [TestCase("NotNamespaces", true)]
    public void Evaluate_WithPeerOutsideOfNamespaces_TreatsTheNamespaceAsAbsent(string field, bool allowed) =>
        Assert.That(Allow("From", field, "*").Evaluate(Policies.Request("shop.example/workers/7")).Allowed, Is.EqualTo(allowed));

    [TestCase("shop.example", "shop.example", true)]
    [TestCase("shop.example", "SHOP.Example", true)]
    [TestCase("shop.example", "shop.example:8443", true)]
    [TestCase("shop.example", "shop.example.", true)]
    [TestCase("shop.example", "shop.example.:8443", true)]
    [TestCase("shop.example", "www.shop.example", false)]
    [TestCase("*.example", "shop.example:8443", true)]
    [TestCase("shop.*", "shop.example:8443", true)]
    [TestCase("shop.example:8443", "shop.example:8443", true)]
    [TestCase("shop.example:8443", "shop.example", false)]
    [TestCase("shop.example:8443", "shop.example:443", false)]
    [TestCase("shop.example:84*", "shop.example:8443", true)]
    [TestCase("shop.example:*", "shop.example:8443", true)]
    [TestCase("shop.example:*", "shop.example", false)]
    [TestCase("*:8443", "shop.example:8443", true)]
    [TestCase("*:8443", "shop.example:443", false)]
    [TestCase("[::1]", "[::1]:8443", true)]
    [TestCase("[::1]", "[::1]", true)]
    [TestCase("[::1]:8443", "[::1]", false)]
    [TestCase("*", "shop.example", true)]
    [TestCase("*", "", false)]
    [TestCase("*", ":80", false)]
    public void Evaluate_ByHost_IgnoresCaseAndPortUnlessNamed(string value, string host, bool allowed)
    {
        Assert.That(Allow("To", "Hosts", value).Evaluate(Policies.Request(host: host)).Allowed, Is.EqualTo(allowed));
        Assert.That(Allow("To", "NotHosts", value).Evaluate(Policies.Request(host: host)).Allowed, Is.EqualTo(!allowed));
    }

    [TestCase("GET", "GET", true)]
    [TestCase("GET", "get", true)]
    [TestCase("delete", "DELETE", true)]
    [TestCase("GET", "GETS", false)]
    [TestCase("P*", "PATCH", true)]
    [TestCase("*", "PURGE", true)]
    public void Evaluate_ByMethod_IgnoresCase(string value, string method, bool allowed)
    {
        Assert.That(Allow("To", "Methods", value).Evaluate(Policies.Request(method: method)).Allowed, Is.EqualTo(allowed));
        Assert.That(Allow("To", "NotMethods", value).Evaluate(Policies.Request(method: method)).Allowed, Is.EqualTo(!allowed));
    }

    private static AuthorizationEngine Allow(string part, string field, string value) =>
        Policies.Compile($$"""{ "p": { "Rules": [ { "{{part}}": [ { "{{field}}": [ "{{value}}" ] } ] } ] } }""");
}
