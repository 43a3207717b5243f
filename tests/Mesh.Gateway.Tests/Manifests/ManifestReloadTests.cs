using System.Net;
using Mesh.Configuration;
using Mesh.Gateway.Manifests;
using Mesh.Gateway.Routing;
using Mesh.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Gateway.Tests.Manifests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ManifestReloadTests : IDisposable
{
    private readonly ManifestDirectory _directory = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _directory.Dispose();

    [Test]
    public void Poll_Change_CountsAtTheSecondLook()
    {
        _directory.Write("a.yaml", Route("a", "orders"));
        using var app = Start();
        var policy = app.Services.GetRequiredService<PolicySource<GatewayPolicy>>();
        Assert.That(Names(policy), Is.EqualTo(["default/a"]));

        _directory.Write("b.yaml", Route("b", "orders"));
        Look();
        Assert.That(Names(policy), Is.EqualTo(["default/a"]), "it may still be being written");
        Look();
        Assert.That(Names(policy), Is.EqualTo(["default/a", "default/b"]));
        Assert.That(policy.Revision, Is.EqualTo(1));

        Look();
        Look();
        Assert.That(policy.Revision, Is.EqualTo(1), "nothing has changed");
    }

    [Test]
    public void Poll_BadFile_KeepsTheLastGoodSetAndTheConfigurationCanStillChange()
    {
        _directory.Write("a.yaml", Route("a", "orders"));
        using var app = Start();
        var policy = app.Services.GetRequiredService<PolicySource<GatewayPolicy>>();

        _directory.Write("a.yaml", Route("renamed", "orders"));
        _directory.Write("b.yaml", Route("b", "no service"));
        Look();
        Look();
        Look();
        Assert.That(Names(policy), Is.EqualTo(["default/a"]));

        app.Configuration["Mesh:Gateway:Routes:configured:Rules:0:BackendRefs:0:Name"] = "orders";
        ((IConfigurationRoot)app.Configuration).Reload();
        Assert.That(Names(policy), Is.EqualTo(["configured", "default/a"]));

        _directory.Write("b.yaml", Route("b", "orders"));
        Look();
        Look();
        Assert.That(Names(policy), Is.EqualTo(["configured", "default/b", "default/renamed"]));
    }

    [Test]
    public void Poll_EverythingGone_KeepsTheLastGoodSet()
    {
        _directory.Write("a.yaml", Route("a", "orders"));
        using var app = Start();
        var policy = app.Services.GetRequiredService<PolicySource<GatewayPolicy>>();
        _directory.Delete("a.yaml");
        Look();
        Look();
        Assert.That(Names(policy), Is.EqualTo(["default/a"]));
    }

    [Test]
    public void Poll_SwappedLinkOfAConfigMap_IsSeen()
    {
        // What the kubelet does: the file is a link through "..data", and that is what changes.
        Publish("1", Route("a", "orders"));
        File.CreateSymbolicLink(Path.Combine(_directory.Path, "routes.yaml"), "..data/routes.yaml");
        using var app = Start();
        var policy = app.Services.GetRequiredService<PolicySource<GatewayPolicy>>();
        Assert.That(Names(policy), Is.EqualTo(["default/a"]));

        Publish("2", Route("b", "orders"));
        Look();
        Look();
        Assert.That(Names(policy), Is.EqualTo(["default/b"]));

        void Publish(string version, string content)
        {
            var folder = Directory.CreateDirectory(Path.Combine(_directory.Path, $"..{version}")).FullName;
            File.WriteAllText(Path.Combine(folder, "routes.yaml"), content);
            var link = Path.Combine(_directory.Path, "..data");
            File.Delete(link);
            Directory.CreateSymbolicLink(link, $"..{version}");
        }
    }

    [Test]
    public void Start_BadFile_IsRefusedInItsWords()
    {
        _directory.Write("a.yaml", Route("a", "orders").Replace("rules:", "rules:\n  - matches: [ { path: { value: /a//b } } ]", StringComparison.Ordinal));
        using var app = Start();
        Assert.That(
            () => app.Services.GetRequiredService<PolicySource<GatewayPolicy>>(),
            Throws.TypeOf<MeshConfigurationException>().With.Message.Contains("- a.yaml, document 1, line 6: spec.rules[0].matches[0].path.value: found '/a//b', allowed is an absolute path"));
    }

    [Test]
    public void Start_NoFolder_IsRefused()
    {
        using var app = Start("/no/such/folder");
        Assert.That(() => app.Services.GetRequiredService<PolicySource<GatewayPolicy>>(), Throws.TypeOf<MeshConfigurationException>().With.Message.Contains("/no/such/folder: the folder cannot be read"));
    }

    [Test]
    public void Start_LargeFile_IsRefused()
    {
        _directory.Write("a.yaml", new string('#', ManifestFiles.MaxFileBytes + 1));
        using var app = Start();
        Assert.That(() => app.Services.GetRequiredService<PolicySource<GatewayPolicy>>(), Throws.TypeOf<MeshConfigurationException>().With.Message.Contains("a.yaml: found more than 1048576 bytes"));
    }

    [Test]
    public async Task Request_RouteOfAManifest_IsServed()
    {
        await using var backend = await Backend.StartAsync();
        _directory.Write("a.yaml", Route("a", "orders").Replace("spec:", "spec:\n  hostnames: [ shop.example ]", StringComparison.Ordinal));
        await using var edge = await Edge.StartWithMembersAsync("{}", $$""" "Manifests": { "Directory": "{{_directory.Path}}" }, """, "", ("orders", backend.Address));
        using var ours = new HttpRequestMessage(HttpMethod.Get, "/x") { Headers = { Host = "shop.example" } };
        using var answer = await edge.Client.SendAsync(ours);
        using var other = await edge.Client.GetAsync("/x");
        Assert.That((answer.StatusCode, other.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.NotFound)));
    }

    private void Look() => _time.Advance(TimeSpan.FromSeconds(5));

    private WebApplication Start(string? directory = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "edge" });
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create("Mesh:Gateway:Manifests:Directory", (string?)(directory ?? _directory.Path))]);
        builder.WebHost.UseKestrelCore();
        builder.Services.AddSingleton<TimeProvider>(_time);
        builder.Services.AddSingleton<IIdentitySource>(new TestIdentity("edge"));
        builder.AddMeshGateway();
        return builder.Build();
    }

    private static IEnumerable<string> Names(PolicySource<GatewayPolicy> policy) => policy.Current.Routes.Rules.Select(static rule => rule.RouteName);

    private static string Route(string name, string service) => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: { name: {{name}} }
        spec:
          rules:
          - backendRefs: [ { name: {{service}} } ]
        """;
}
