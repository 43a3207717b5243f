using Mesh.Configuration;
using Mesh.Core.Tests.Identity.Development;
using Mesh.Hosting;
using Mesh.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Mesh.Core.Tests.Hosting;

public sealed class MeshCoreTests
{
    [Test]
    public async Task AddMeshCore_Development_GivesAnIdentity()
    {
        using var directory = new TemporaryDirectory();
        using var host = Build("Development", ("Mesh:Service:Name", "orders"), ("Mesh:Identity:DevelopmentDirectory", directory.Path));
        await host.StartAsync();
        Assert.That(host.Services.GetRequiredService<IIdentitySource>().Current.Id.ToString(), Is.EqualTo("spiffe://mesh.local/ns/default/sa/orders"));
        await host.StopAsync();
    }

    [Test]
    public void AddMeshCore_DevelopmentSourceInProduction_DoesNotStart()
    {
        using var host = Build("Production", ("Mesh:Identity:Source", "Development"));
        Assert.That(
            async () => await host.StartAsync(),
            Throws.TypeOf<MeshConfigurationException>().With.Message.Contains("Mesh:Identity:Source: found 'Development', which is refused in the environment 'Production'"));
    }

    [Test]
    public async Task AddMeshCore_ProductionWithoutSource_StartsAndFailsClosed()
    {
        using var host = Build("Production");
        await host.StartAsync();
        Assert.That(() => host.Services.GetRequiredService<IIdentitySource>().Current, Throws.TypeOf<MeshIdentityException>().With.Message.Contains("Mesh:Identity:Source"));
        await host.StopAsync();
    }

    [Test]
    public void AddMeshCore_InvalidSettings_ListsEveryError()
    {
        using var host = Build("Production", ("Mesh:Service:Name", "a b"), ("Mesh:Service:TrustDomain", "UPPER"), ("Mesh:Servise:Name", "x"));
        Assert.That(async () => await host.StartAsync(), Throws.TypeOf<MeshConfigurationException>().With.Property("Errors").EqualTo(new[]
        {
            "Mesh:Servise: there is no such section; allowed here are Service, Identity, Faults, Discovery, Client, Server, Gateway, Redis.",
            "Mesh:Service:Name: found 'a b', allowed is letters, digits, '.', '-' and '_'.",
            "Mesh:Service:TrustDomain: found 'UPPER', allowed is 1 to 255 characters of a-z, 0-9, '.', '-' and '_'.",
        }));
    }

    [Test]
    public void AddMeshCore_Twice_ChecksOnce()
    {
        var services = new ServiceCollection().AddMeshCore().AddMeshCore();
        Assert.Multiple(() =>
        {
            Assert.That(services.Count(static service => service.ServiceType == typeof(MeshStartupCheck)), Is.EqualTo(3));
            Assert.That(services.Count(static service => service.ServiceType == typeof(IHostedService)), Is.EqualTo(1));
        });
    }

    [Test]
    public void AddMeshCore_SeveralChecksFail_ReportsThemTogether()
    {
        using var host = Build("Production", services => services
            .AddSingleton(new MeshStartupCheck("a", static () => throw new MeshConfigurationException("a", ["a is wrong"])))
            .AddSingleton(new MeshStartupCheck("b", static () => throw new MeshConfigurationException("b", ["b is wrong", "a is wrong"]))));
        Assert.That(async () => await host.StartAsync(), Throws.TypeOf<MeshConfigurationException>().With.Property("Errors").EqualTo(new[] { "a is wrong", "b is wrong" }));
    }

    [Test]
    public void AddMeshCore_CheckToPrepare_WaitsBeforeAnyCheck()
    {
        List<string> order = [];
        using var host = Build("Production", services => services
            .AddSingleton(new MeshStartupCheck("a", () => order.Add("check a")))
            .AddSingleton(new MeshStartupCheck("b", () => order.Add("check b"))
            {
                Prepare = async _ =>
                {
                    await Task.Yield();
                    order.Add("prepare b");
                },
            }));
        Assert.That(async () => await host.StartAsync(), Throws.Nothing);
        Assert.That(order, Is.EqualTo(new[] { "prepare b", "check a", "check b" }));
    }

    [Test]
    public void AddMeshCore_WorkloadApiWithoutItsPackage_NamesThePackage()
    {
        using var host = Build("Production", ("Mesh:Identity:Source", "WorkloadApi"));
        Assert.That(async () => await host.StartAsync(), Throws.TypeOf<MeshConfigurationException>().With.Property("Errors").EqualTo(new[]
        {
            "Mesh:Identity:Source: found 'WorkloadApi', which the package Mesh.Spiffe supplies; add it and call AddMeshSpiffe().",
        }));
    }

    [TestCase("Production", null, true)]
    [TestCase("Production", "WorkloadApi", true)]
    [TestCase("Development", "WorkloadApi", true)]
    [TestCase("Development", null, false)]
    public void AddMeshCore_SourceOfAPackage_IsUsedWhereNamedAndOutsideDevelopment(string environment, string? source, bool used)
    {
        var external = new MissingIdentitySource();
        using var host = Build(
            environment,
            services => services.AddSingleton(new IdentitySourceFactory(IdentitySourceKind.WorkloadApi, _ => external)),
            ("Mesh:Identity:Source", source ?? ""),
            ("Mesh:Identity:DevelopmentDirectory", Path.Combine(TestContext.CurrentContext.WorkDirectory, "external-ca")));
        Assert.That(ReferenceEquals(host.Services.GetRequiredService<IIdentitySource>(), external), Is.EqualTo(used));
    }

    private static IHost Build(string environment, params (string Key, string Value)[] settings) => Build(environment, static _ => { }, settings);

    private static IHost Build(string environment, Action<IServiceCollection> configure, params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = environment, ApplicationName = "App" });
        builder.Configuration.AddInMemoryCollection(settings.Select(static setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Services.AddMeshCore();
        configure(builder.Services);
        return builder.Build();
    }
}
