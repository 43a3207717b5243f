using System.Security.Cryptography.X509Certificates;
using System.CommandLine;
using System.CommandLine.Parsing;
using Mesh.Configuration;
using Mesh.Identity;
using Mesh.Identity.Development;
using Mesh.Identity.Files;

namespace Mesh.Tool.Development;

/// <summary><c>mesh cert dev issue</c>: an identity in files, for peers that are not .NET.</summary>
internal static class IssueCommand
{
    private static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(30);

    public static Command Create(TimeProvider time)
    {
        var id = new Argument<SpiffeId>("id")
        {
            Description = "Who it is for: spiffe://trust-domain/ns/namespace/sa/service.",
            CustomParser = static result => SpiffeId.TryParse(result.Tokens[0].Value, out var parsed, out var error) && parsed.Path.Length > 0
                ? parsed
                : Refuse<SpiffeId>(result, $"'{result.Tokens[0].Value}' is not the SPIFFE ID of a workload: {error ?? "it has no path"}."),
        };
        var folder = new Option<DirectoryInfo>("--out") { Description = "The folder to write to. Default: the current one.", DefaultValueFactory = static _ => new DirectoryInfo(".") };
        var lifetime = new Option<TimeSpan>("--lifetime")
        {
            Description = "How long it is valid: 90s, 30m, 24h. At most 720h.",
            DefaultValueFactory = static _ => TimeSpan.FromHours(24),
            CustomParser = static result => GatewayDuration.TryParse(result.Tokens[0].Value, out var span) && span > TimeSpan.Zero && span <= MaxLifetime
                ? span
                : Refuse<TimeSpan>(result, $"'{result.Tokens[0].Value}' is not a lifetime: 90s, 30m or 24h, at most 720h."),
        };
        var directory = DevelopmentCommand.DirectoryOption();
        var command = new Command("issue", "Issues an identity from the development CA into cert.pem, key.pem (owner only) and bundle.pem.") { id, folder, lifetime, directory };
        command.SetAction(parsed =>
        {
            var path = Directory.CreateDirectory(parsed.GetRequiredValue(folder).FullName).FullName;
            var now = time.GetUtcNow();
            using var authority = DevelopmentAuthority.LoadOrCreate(DevelopmentCommand.PathOf(parsed.GetValue(directory)), parsed.GetRequiredValue(id).TrustDomain, now);
            using var leaf = authority.Issue(parsed.GetRequiredValue(id), parsed.GetValue(lifetime), now);
            using var key = leaf.GetECDsaPrivateKey()!;
            OwnerOnlyFile.Write(Path.Combine(path, "key.pem"), $"{key.ExportPkcs8PrivateKeyPem()}\n");
            File.WriteAllText(Path.Combine(path, "cert.pem"), $"{leaf.ExportCertificatePem()}\n");
            File.WriteAllText(Path.Combine(path, "bundle.pem"), $"{authority.Anchor.ExportCertificatePem()}\n");
            parsed.InvocationConfiguration.Output.WriteLine($"{parsed.GetRequiredValue(id)}: cert.pem, key.pem, bundle.pem in {path}, until {TerminalText.Time(leaf.NotAfter)}");
        });
        return command;
    }

    private static T Refuse<T>(ArgumentResult result, string message)
    {
        result.AddError(message);
        return default!;
    }
}
