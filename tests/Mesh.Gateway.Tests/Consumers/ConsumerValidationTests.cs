using Mesh.Configuration;

namespace Mesh.Gateway.Tests.Consumers;

public sealed class ConsumerValidationTests
{
    private const string Plan = """ "Plans": { "p": {} }, """;

    [TestCase(""" "Consumers": { "a": { "Plan": "gold" } }, """, "Mesh:Gateway:Consumers:a:Plan: found 'gold', allowed is the name of a plan; there are none.")]
    [TestCase(Plan + """ "Consumers": { "a": { "Plan": "gold" } }, """, "Mesh:Gateway:Consumers:a:Plan: found 'gold', allowed is one of p.")]
    [TestCase(Plan + """ "Consumers": { "a": { "ApiKeys": [ "x" ] } }, """, "Mesh:Gateway:Consumers:a:Plan: found '', allowed is the name of a plan.")]
    [TestCase(Plan + """ "Consumers": { "a/b": { "Plan": "p" } }, """, "Mesh:Gateway:Consumers:a/b: found 'a/b'")]
    [TestCase(Plan + """ "Consumers": { "a": { "Plan": "p" }, "b": { "Plan": "p", "ApiKeys": [ "a" ] } }, """, "Mesh:Gateway:Consumers:b: the API key consumer 'a' is also that of 'a'.")]
    [TestCase(Plan + """ "Consumers": { "a": { "Plan": "p", "Tokens": [ { "Subject": "s" } ] } }, """, "Mesh:Gateway:Consumers:a:Tokens:0:Issuer")]
    [TestCase(Plan + """ "Consumers": { "a": { "Plan": "p", "Tokens": [ { "Issuer": "i", "Subject": "s", "ClientId": "c" } ] } }, """, "Mesh:Gateway:Consumers:a:Tokens:0: it needs either Subject or ClientId.")]
    [TestCase(Plan + """ "Consumers": { "a": { "Plan": "p", "Certificates": [ { "SpiffeId": "x" } ] } }, """, "Mesh:Gateway:Consumers:a:Certificates:0:SpiffeId: found 'x'")]
    [TestCase(Plan + """ "Consumers": { "a": { "Plan": "p", "Certificates": [ { "Sha256": "12" } ] } }, """, "Mesh:Gateway:Consumers:a:Certificates:0:Sha256: found '12'")]
    [TestCase(""" "AnonymousPlan": "p", """, "Mesh:Gateway:AnonymousPlan: found 'p'")]
    [TestCase(""" "DefaultPlan": "p", """, "Mesh:Gateway:DefaultPlan: found 'p'")]
    [TestCase(""" "Plans": { "p": { "Routes": [ "al" ] } }, """, "Mesh:Gateway:Plans:p:Routes:0: found 'al', allowed is the name of a route.")]
    [TestCase(""" "Plans": { "p": { "Costs": { "al": 2 } } }, """, "Mesh:Gateway:Plans:p:Costs:al: found 'al', allowed is the name of a route.")]
    [TestCase(""" "Plans": { "p": { "Costs": { "all": -1 } } }, """, "Mesh:Gateway:Plans:p:Costs:all: found '-1'")]
    [TestCase(""" "Plans": { "p": { "Costs": { "all": "x" } } }, """, "Mesh:Gateway:Plans:p:Costs:all: found 'x', allowed is a whole number.")]
    [TestCase(""" "Plans": { "p": { "Scopes": [ "a b" ] } }, """, "Mesh:Gateway:Plans:p:Scopes:0: found 'a b'")]
    [TestCase(""" "Plans": { "p": { "RateLimits": [ { "Name": "r" } ] } }, """, "Mesh:Gateway:Plans:p:RateLimits:0:Limit: found '0'")]
    [TestCase(""" "Plans": { "p": { "RateLimits": [ { "Name": "r", "Limit": 2 } ], "Costs": { "all": 3 } } }, """, "Mesh:Gateway:Plans:p:RateLimits:0: a request that costs 3 could never pass")]
    [TestCase(""" "Plans": { "p": { "Quotas": [ { "Name": "q", "Limit": 2 } ], "Costs": { "all": 3 } } }, """, "Mesh:Gateway:Plans:p:Quotas:0:Limit: a request that costs 3 could never pass")]
    [TestCase(""" "Plans": { "p": { "Quotas": [ { "Name": "q", "Limit": 2.5 } ] } }, """, "Mesh:Gateway:Plans:p:Quotas:0:Limit: found '2.5', allowed is a whole number.")]
    [TestCase(""" "Plans": { "p": { "RateLimits": [ { "Name": "q", "Limit": 2 } ], "Quotas": [ { "Name": "q", "Limit": 2 } ] } }, """, "Mesh:Gateway:Plans:p:Quotas:0:Name: found 'q'")]
    [TestCase(""" "Plans": { "p": { "Quotas": [ { "Name": "q", "Limit": 2, "TimeZone": "Mars" } ] } }, """, "Mesh:Gateway:Plans:p:Quotas:0:TimeZone: found 'Mars'")]
    [TestCase(""" "Plans": { "p": { "Quotas": [ { "Name": "q", "Limit": 2, "Window": "Rolling", "TimeZone": "Europe/Berlin" } ] } }, """, "Mesh:Gateway:Plans:p:Quotas:0:TimeZone: found 'Europe/Berlin', allowed is nothing beside Rolling")]
    [TestCase(""" "Usage": { "FlushInterval": "2m" }, """, "Mesh:Gateway:Usage:FlushInterval")]
    [TestCase(""" "Usage": { "RetentionDays": 0, "MaxEntries": 1 }, """, "Mesh:Gateway:Usage:MaxEntries: found '1'")]
    public void Start_WrongConsumersOrPlans_NamesTheError(string gateway, string error) =>
        Assert.That(
            async () => await Edge.StartWithMembersAsync(Edge.Everything("a"), gateway, ""),
            Throws.TypeOf<MeshConfigurationException>().With.Message.Contains(error));
}
