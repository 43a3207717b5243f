using System.Text;
using System.Text.Json;
using Mesh.State;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Gateway.Tests.State;

public sealed class MeshGatewayStateTests
{
    [Test]
    public async Task Write_Routes_NamesRulesAndWeights()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.AddMeshGateway(static options => options.Routes["shop"] = new()
        {
            Rules = [new() { Name = "orders", BackendRefs = [new() { Name = "orders", Weight = 9 }, new() { Name = "orders-v2" }] }],
        });
        await using var provider = builder.Services.BuildServiceProvider();
        using var buffer = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(buffer))
        {
            provider.GetServices<IMeshStateSource>().Single(static source => source.Name == "gateway").Write(writer);
        }

        Assert.That(
            Encoding.UTF8.GetString(buffer.ToArray()),
            Is.EqualTo("""{"policyRevision":0,"rules":[{"route":"shop","rule":"orders","weights":{"orders":9,"orders-v2":1}}],"findings":[]}"""));
    }
}
