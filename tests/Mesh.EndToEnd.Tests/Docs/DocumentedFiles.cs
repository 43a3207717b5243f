using Mesh.Identity;
using Mesh.Tests.Certificates;
using Microsoft.Extensions.Configuration;

namespace Mesh.EndToEnd.Tests.Docs;

/// <summary>Puts an identity where the pages only show paths.</summary>
internal static class DocumentedFiles
{
    public static void Supply(IConfiguration configuration)
    {
        var files = configuration.GetSection("Mesh:Identity:Files");
        if (!files.Exists())
        {
            return;
        }

        var folder = Directory.CreateDirectory(Path.Combine(TestContext.CurrentContext.WorkDirectory, "docs-identity")).FullName;
        var now = DateTimeOffset.UtcNow;
        var root = Forge.Authority("root").SelfSigned(now);
        var leaf = new Forge().Sign(root, now);
        Supply(files, nameof(FileIdentityOptions.Certificate), folder, leaf.Certificate.ExportCertificatePem());
        Supply(files, nameof(FileIdentityOptions.Key), folder, leaf.Key.ExportPem());
        Supply(files, nameof(FileIdentityOptions.Bundle), folder, root.Certificate.ExportCertificatePem());
    }

    private static void Supply(IConfigurationSection files, string name, string folder, string content)
    {
        if (files[name] is null)
        {
            return;
        }

        files[name] = Path.Combine(folder, name);
        File.WriteAllText(files[name]!, content);
    }
}
