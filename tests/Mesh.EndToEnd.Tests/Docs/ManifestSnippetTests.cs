using System.Text.RegularExpressions;
using Mesh.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.EndToEnd.Tests.Docs;

/// <summary>The manifests that the documentation shows are loaded.</summary>
public sealed partial class ManifestSnippetTests
{
    public static IEnumerable<TestCaseData> Manifests() =>
        from page in Repository.Pages()
        from block in YamlBlock().Matches(Repository.Read(page)).Select(static (match, index) => (Yaml: match.Groups["yaml"].Value, Number: index + 1))
        where block.Yaml.Contains("kind: HTTPRoute", StringComparison.Ordinal)
        select new TestCaseData(block.Yaml).SetArgDisplayNames($"{page} #{block.Number}");

    [TestCaseSource(nameof(Manifests))]
    public void Documentation_Manifest_IsAccepted(string yaml)
    {
        var directory = Directory.CreateTempSubdirectory("docs-manifests").FullName;
        File.WriteAllText(Path.Combine(directory, "documented.yaml"), yaml);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create("Mesh:Gateway:Manifests:Directory", (string?)directory)]);
        builder.Configuration["Mesh:Identity:DevelopmentDirectory"] = Path.Combine(TestContext.CurrentContext.WorkDirectory, "docs-ca");
        builder.AddMeshGateway();
        using var app = builder.Build();

        Assert.That(() => app.Services.GetServices<MeshStartupCheck>().Single(static check => check.Subject == "Mesh:Gateway").Check(), Throws.Nothing);
    }

    [Test]
    public void Documentation_Always_HasAManifest() => Assert.That(Manifests(), Is.Not.Empty);

    [GeneratedRegex(@"```yaml\n(?<yaml>.*?)```", RegexOptions.Singleline)]
    private static partial Regex YamlBlock();
}
