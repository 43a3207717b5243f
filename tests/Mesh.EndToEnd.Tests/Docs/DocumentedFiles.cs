using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Mesh.Identity;
using Mesh.Tests.Certificates;
using Microsoft.Extensions.Configuration;

namespace Mesh.EndToEnd.Tests.Docs;

/// <summary>Puts identities, certificates and manifests where the pages only show paths.</summary>
internal static class DocumentedFiles
{
    private const string Password = "documented";

    public static void Supply(IConfiguration configuration)
    {
        SupplySigningKeys(configuration.GetSection("Mesh:Gateway:InternalToken:KeyFiles"));
        var manifests = configuration.GetSection("Mesh:Gateway:Manifests");
        if (manifests.Exists())
        {
            manifests["Directory"] = Directory.CreateTempSubdirectory("docs-manifests").FullName;
        }

        var identity = configuration.GetSection("Mesh:Identity:Files");
        IConfigurationSection[] all = [identity, .. configuration.GetSection("Mesh:Server:Tls:Certificates").GetChildren()];
        foreach (var files in all.Where(static section => section.Exists()))
        {
            var folder = Directory.CreateDirectory(Path.Combine(TestContext.CurrentContext.WorkDirectory, "docs-identity", Guid.NewGuid().ToString("N"))).FullName;
            var now = DateTimeOffset.UtcNow;
            var root = Forge.Authority("root").SelfSigned(now);
            var leaf = new Forge().Sign(root, now);
            Supply(files, nameof(FileIdentityOptions.Certificate), folder, Encoding.ASCII.GetBytes(leaf.Certificate.ExportCertificatePem()));
            Supply(files, nameof(FileIdentityOptions.Key), folder, Encoding.ASCII.GetBytes(leaf.Key.ExportPem()));
            Supply(files, nameof(FileIdentityOptions.Bundle), folder, Encoding.ASCII.GetBytes(root.Certificate.ExportCertificatePem()));
            Supply(files, nameof(FileIdentityOptions.Pkcs12), folder, leaf.WithKey().Export(X509ContentType.Pkcs12, Password));
            Supply(files, nameof(FileIdentityOptions.PasswordFile), folder, Encoding.ASCII.GetBytes(Password));
        }
    }

    private static void SupplySigningKeys(IConfigurationSection files)
    {
        foreach (var file in files.GetChildren())
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            file.Value = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"docs-key-{Guid.NewGuid():N}.pem");
            File.WriteAllText(file.Value, key.ExportPkcs8PrivateKeyPem());
        }
    }

    private static void Supply(IConfigurationSection files, string name, string folder, byte[] content)
    {
        if (files[name] is null)
        {
            return;
        }

        files[name] = Path.Combine(folder, name);
        File.WriteAllBytes(files[name]!, content);
    }
}
