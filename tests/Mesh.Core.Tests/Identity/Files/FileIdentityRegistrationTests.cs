using Mesh.Configuration;
using Mesh.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Core.Tests.Identity.Files;

public sealed class FileIdentityRegistrationTests
{
    [Test]
    public void AddMeshCore_SourceFiles_UsesThem()
    {
        using var folder = new IdentityFolder();
        using var services = Build(
            ("Source", "Files"),
            ("Files:Certificate", folder.PathOf("tls.crt")),
            ("Files:Key", folder.PathOf("tls.key")),
            ("Files:Bundle", folder.PathOf("ca.crt")));
        Assert.That(services.GetRequiredService<IIdentitySource>().Current.Id.ServiceAccount, Is.EqualTo("orders"));
    }

    private static IEnumerable<TestCaseData> Mistakes()
    {
        yield return Mistake("nothing", "Mesh:Identity:Files: either Certificate or Pkcs12 is required", ("Source", "Files"));
        yield return Mistake("both", "Mesh:Identity:Files: either Certificate or Pkcs12 is required, and not both", ("Source", "Files"), ("Files:Certificate", "a"), ("Files:Pkcs12", "b"));
        yield return Mistake("no bundle", "Mesh:Identity:Files:Bundle: found '', allowed is the path of a trust bundle", ("Source", "Files"), ("Files:Certificate", "a"));
        yield return Mistake("key twice", "Mesh:Identity:Files:Key: found 'k'", ("Source", "Files"), ("Files:Pkcs12", "a"), ("Files:Key", "k"));
        yield return Mistake("too often", "Mesh:Identity:Files:PollInterval: found '00:00:00.1000000'", ("Source", "Files"), ("Files:Certificate", "a"), ("Files:PollInterval", "100ms"));
        yield return Mistake("misspelt", "Mesh:Identity:Files:Certficate: there is no such setting", ("Source", "Files"), ("Files:Certficate", "a"));
        yield return Mistake("source not set", "Mesh:Identity:Source: found '', allowed is 'Files'", ("Files:Certificate", "a"), ("Files:Bundle", "b"));

        static TestCaseData Mistake(string name, string message, params (string, string)[] settings) => new TestCaseData(message, settings).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Mistakes))]
    public void AddMeshCore_Mistake_IsNamedWithItsPath(string message, (string, string)[] settings)
    {
        using var services = Build(settings);
        Assert.That(() => services.GetRequiredService<IIdentitySource>(), Throws.TypeOf<MeshConfigurationException>().With.Message.Contains(message));
    }

    private static ServiceProvider Build(params (string Key, string Value)[] settings)
    {
        var values = settings.Select(static setting => KeyValuePair.Create($"Mesh:Identity:{setting.Key}", (string?)setting.Value));
        return new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(values).Build())
            .AddMeshCore()
            .BuildServiceProvider();
    }
}
