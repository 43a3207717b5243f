using Mesh.Configuration;
using Mesh.Identity;
using Mesh.Spiffe.Tests.Agent;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Spiffe.Tests.Hosting;

public sealed class MeshSpiffeTests
{
    [Test]
    [NonParallelizable]
    public async Task Socket_NotConfigured_IsTheEnvironments()
    {
        await using var agent = await TestAgent.StartAsync();
        using var authority = TestSvid.Authority();
        agent.Say(new TestSvid(authority).Response("orders"));
        Environment.SetEnvironmentVariable(WorkloadApiOptions.SocketVariable, agent.Address);
        try
        {
            var (host, _) = Workload.Build(null, "Production");
            using (host)
            {
                await host.StartAsync();
                Assert.That(host.Services.GetRequiredService<IIdentitySource>().Current.Id.Path, Is.EqualTo("/ns/shop/sa/orders"));
            }
        }
        finally
        {
            Environment.SetEnvironmentVariable(WorkloadApiOptions.SocketVariable, null);
        }
    }

    [TestCase(null, "Mesh:Identity:WorkloadApi:Socket")]
    [TestCase("agent.sock", "Mesh:Identity:WorkloadApi:Socket: found 'agent.sock', allowed is an address that begins with 'unix:' or 'tcp:'")]
    public void Start_WrongSocket_NamesTheField(string? socket, string error)
    {
        var (host, _) = Workload.Build(socket, "Production", ("Mesh:Identity:WorkloadApi:StartTimeout", "-1s"));
        using (host)
        {
            Assert.That(async () => await host.StartAsync(), Throws.TypeOf<MeshConfigurationException>().With.Message.Contains(error).And.Message.Contains("StartTimeout"));
        }
    }

    [Test]
    public void Start_UnknownSetting_IsRefused()
    {
        var (host, _) = Workload.Build("unix:///agent", "Production", ("Mesh:Identity:WorkloadApi:Sokcet", "x"));
        using (host)
        {
            Assert.That(async () => await host.StartAsync(), Throws.TypeOf<MeshConfigurationException>().With.Message.Contains("Mesh:Identity:WorkloadApi:Sokcet: there is no such setting"));
        }
    }

    [Test]
    public async Task Start_Development_NeedsNoAgent()
    {
        var (host, _) = Workload.Build(null, "Development", ("Mesh:Identity:DevelopmentDirectory", Path.Combine(TestContext.CurrentContext.WorkDirectory, "spiffe-ca")));
        using (host)
        {
            await host.StartAsync();
            Assert.That(host.Services.GetRequiredService<IIdentitySource>().Current.Id.Path, Is.EqualTo("/ns/default/sa/orders"));
        }
    }
}
