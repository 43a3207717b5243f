using Mesh.Configuration;
using Mesh.Core.Tests.Identity.Files;
using Mesh.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Core.Tests.Identity.Federation;

public sealed class FederationOptionsTests
{
    private const string Path = "Mesh:Identity:Federation:partner.example";

    [TestCase("", "Endpoint", "x", "Mesh:Identity:Federation:partner.example:Endpoint: found 'x', allowed is an https address")]
    [TestCase("", "Endpoint", "http://a/b", "Endpoint: found 'http://a/b'")]
    [TestCase("", "Endpoint", "https://me@a/b", "without a user")]
    [TestCase("", "Profile", "HttpsWeb", "Bundle, Endpoint or both are required")]
    [TestCase("Endpoint=https://a/b", "EndpointId", "spiffe://a/b", "EndpointId: found 'spiffe://a/b', allowed is none, unless Profile is HttpsSpiffe")]
    [TestCase("Endpoint=https://a/b", "Profile", "HttpsSpiffe", "EndpointId: found '', allowed is the SPIFFE ID of the endpoint")]
    [TestCase("Endpoint=https://a/b;Profile=HttpsSpiffe", "EndpointId", "spiffe://partner.example/a", "Bundle: found '', allowed is a first bundle")]
    [TestCase("Endpoint=https://a/b", "Refresh", "1", "Refresh: there is no such setting")]
    public void Validate_Mistake_IsNamedWithItsPath(string others, string name, string value, string message)
    {
        Dictionary<string, string?> settings = new() { [$"{Path}:{name}"] = value };
        foreach (var other in others.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            settings[$"{Path}:{other.Split('=')[0]}"] = other.Split('=')[1];
        }

        using var services = Build(settings);
        Assert.That(() => services.GetRequiredService<IIdentitySource>(), Throws.TypeOf<MeshConfigurationException>().With.Message.Contains(message));
    }

    [TestCase("Partner", "a trust domain as the name")]
    [TestCase("shop.example", "the trust domain of this process")]
    public void Validate_TrustDomain_MustBeAnother(string trustDomain, string message)
    {
        using var services = Build(new() { [$"Mesh:Identity:Federation:{trustDomain}:Bundle"] = "a" });
        Assert.That(() => services.GetRequiredService<IIdentitySource>(), Throws.TypeOf<MeshConfigurationException>().With.Message.Contains(message));
    }

    [Test]
    public void AddMeshCore_FederatedFile_IsTrusted()
    {
        using var folder = new IdentityFolder();
        var partner = new Partner(TestLeaf.Now);
        File.WriteAllText(folder.PathOf("partner.pem"), partner.Pem);
        using var services = Build(new()
        {
            ["Mesh:Identity:Source"] = "Files",
            ["Mesh:Identity:Files:Certificate"] = folder.PathOf("tls.crt"),
            ["Mesh:Identity:Files:Key"] = folder.PathOf("tls.key"),
            ["Mesh:Identity:Files:Bundle"] = folder.PathOf("ca.crt"),
            [$"{Path}:Bundle"] = folder.PathOf("partner.pem"),
        });
        Assert.That(services.GetRequiredService<IIdentitySource>().Current.Trust.TrustDomains, Is.EqualTo(["partner.example", "shop.example"]));
    }

    private static ServiceProvider Build(Dictionary<string, string?> settings)
    {
        settings["Mesh:Service:TrustDomain"] = "shop.example";
        return new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
            .AddMeshCore()
            .BuildServiceProvider();
    }
}
