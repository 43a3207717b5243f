using System.Text;
using System.Text.RegularExpressions;
using Mesh.Configuration;
using Mesh.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.EndToEnd.Tests.Docs;

/// <summary>What the documentation shows is what works.</summary>
public sealed partial class SnippetTests
{
    public static IEnumerable<TestCaseData> QuotedPrograms() =>
        from Match match in QuotedProgram().Matches(Repository.Read("README.md"))
        select new TestCaseData(match.Groups["file"].Value, match.Groups["code"].Value).SetArgDisplayNames(match.Groups["file"].Value);

    public static IEnumerable<TestCaseData> Settings() =>
        from page in Repository.Pages()
        from block in JsonBlock().Matches(Repository.Read(page)).Select(static (match, index) => (Json: match.Groups["json"].Value, Number: index + 1))
        select new TestCaseData(block.Json).SetArgDisplayNames($"{page} #{block.Number}");

    [TestCaseSource(nameof(QuotedPrograms))]
    public void Readme_QuotedProgram_IsTheFileOfTheSample(string file, string code) =>
        Assert.That(code.TrimEnd(), Is.EqualTo(Repository.Read(file).TrimEnd()));

    [Test]
    public void Readme_Always_QuotesThreePrograms() => Assert.That(QuotedPrograms().Count(), Is.EqualTo(3));

    [TestCaseSource(nameof(Settings))]
    public void Documentation_Settings_AreAcceptedByClientServerAndGateway(string json)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json.TrimStart().StartsWith('{') ? json : $"{{{json}}}")));
        builder.Configuration["Mesh:Identity:DevelopmentDirectory"] = Path.Combine(TestContext.CurrentContext.WorkDirectory, "docs-ca");
        DocumentedFiles.Supply(builder.Configuration);
        builder.Services.AddMeshSpiffe();
        if (builder.Configuration.GetSection("Mesh:Redis").Exists())
        {
            builder.Services.AddMeshRedis();
        }

        if (builder.Configuration.GetSection("Mesh:Gateway:Login").Exists())
        {
            builder.AddMeshLogin();
        }

        builder.AddMeshClient();
        builder.AddMeshServer();
        builder.AddMeshGateway();
        using var app = builder.Build();

        var errors = app.Services.GetServices<MeshStartupCheck>().SelectMany(ErrorsOf);

        Assert.That(errors, Is.Empty);
    }

    private static IReadOnlyCollection<string> ErrorsOf(MeshStartupCheck check)
    {
        try
        {
            check.Check();
            return [];
        }
        catch (MeshConfigurationException exception)
        {
            return exception.Errors;
        }
    }

    [GeneratedRegex(@"<!-- from (?<file>\S+) -->\n```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex QuotedProgram();

    [GeneratedRegex(@"```jsonc\n(?<json>.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();
}
