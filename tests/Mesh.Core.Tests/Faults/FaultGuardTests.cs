using Mesh.Configuration;
using Mesh.Faults;
using Mesh.Hosting;
using Mesh.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Core.Tests.Faults;

public sealed class FaultGuardTests
{
    [TestCase("Production", false, false)]
    [TestCase("production", false, false)]
    [TestCase("prod-eu", false, false)]
    [TestCase(null, false, false)]
    [TestCase("Production", true, true)]
    [TestCase(null, true, true)]
    [TestCase("Staging", false, true)]
    [TestCase("Development", false, true)]
    public void Check_Environment_DecidesUnlessItIsAllowed(string? environment, bool allowed, bool accepted)
    {
        var errors = new ConfigurationErrors();
        var routes = RouteTable.Compile(
            [new RouteRuleOptions(), new RouteRuleOptions { Filters = [new RouteFilterOptions { Type = RouteFilterType.FaultInjection, FaultInjection = new FaultOptions { FromHeaders = true } }] }],
            "orders",
            "Rules",
            errors);

        new FaultGuard(environment, allowed).Check(routes, errors);

        Assert.That(errors.All, accepted
            ? Is.Empty
            : Is.EqualTo(new[]
            {
                $"Rules:1:Filters:0:FaultInjection: found a fault, which is refused in the environment '{environment ?? "unknown"}'; set Mesh:Faults:AllowInProduction if it is meant.",
            }));
    }

    [TestCase("true", 0)]
    [TestCase("false", 1)]
    public void AddMeshCore_Section_SaysWhatIsAllowed(string value, int expected)
    {
        using var provider = Provide("AllowInProduction", value);
        var errors = new ConfigurationErrors();
        var fault = FaultPolicy.Compile(new FaultOptions { FromHeaders = true }, "F", errors);

        provider.GetRequiredService<FaultGuard>().Check(fault, errors);

        Assert.That(errors.All, Has.Count.EqualTo(expected));
    }

    [TestCase("AllowInProduction", "perhaps")]
    [TestCase("AllowInProd", "true")]
    public void AddMeshCore_WrongSection_IsAnErrorAtStart(string key, string value)
    {
        using var provider = Provide(key, value);
        var check = provider.GetServices<MeshStartupCheck>().Single(static check => check.Subject == "Mesh:Faults");

        Assert.That(check.Check, Throws.TypeOf<MeshConfigurationException>().With.Message.Contains($"Mesh:Faults:{key}"));
    }

    private static ServiceProvider Provide(string key, string value)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([new($"Mesh:Faults:{key}", value)]).Build());
        services.AddMeshCore();
        return services.BuildServiceProvider();
    }
}
