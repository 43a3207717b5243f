using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using Mesh.Identity;
using Mesh.Identity.Development;

namespace Mesh.Tool.Development;

/// <summary><c>mesh cert dev</c>: the development CA of this user.</summary>
internal static class DevelopmentCommand
{
    public static Command Create(TimeProvider time) => new("dev", "The development CA of this user, which every process in Development gets its identity from.")
    {
        List(time),
        Anchor(),
        IssueCommand.Create(time),
        Remove(),
    };

    public static Option<DirectoryInfo?> DirectoryOption() => new("--directory")
    {
        Description = "The folder of the development CA. Default: where processes keep it when Mesh:Identity:DevelopmentDirectory is not set.",
    };

    public static string PathOf(DirectoryInfo? directory) => directory?.FullName ?? DevelopmentAuthority.DefaultDirectory();

    public static Argument<string> TrustDomainArgument()
    {
        var argument = new Argument<string>("trust-domain") { Description = "The trust domain, for example mesh.local." };
        argument.Validators.Add(static result =>
        {
            if (!SpiffeId.IsTrustDomain(result.Tokens[0].Value))
            {
                result.AddError($"'{result.Tokens[0].Value}' is not a trust domain: a-z, 0-9, '.', '-' and '_' are allowed.");
            }
        });
        return argument;
    }

    private static Command List(TimeProvider time)
    {
        var directory = DirectoryOption();
        var command = new Command("list", "Lists the trust domains that have a development CA.") { directory };
        command.SetAction(parsed =>
        {
            var path = PathOf(parsed.GetValue(directory));
            var output = parsed.InvocationConfiguration.Output;
            output.WriteLine(path);
            foreach (var domain in DevelopmentAuthority.FindTrustDomains(path))
            {
                output.WriteLine(DevelopmentAuthority.FindAnchor(path, domain) is { } anchor
                    ? $"  {domain}  {(anchor.NotAfter > time.GetUtcNow() ? "until" : "expired at")} {TerminalText.Time(anchor.NotAfter)}"
                    : $"  {domain}  cannot be read");
            }
        });
        return command;
    }

    private static Command Anchor()
    {
        var domain = TrustDomainArgument();
        var directory = DirectoryOption();
        var command = new Command("anchor", "Prints the certificate of a development CA: the trust bundle for openssl, curl or nginx.") { domain, directory };
        command.SetAction(parsed =>
        {
            if (DevelopmentAuthority.FindAnchor(PathOf(parsed.GetValue(directory)), parsed.GetRequiredValue(domain)) is not { } anchor)
            {
                throw NoAuthority(parsed.GetRequiredValue(domain), parsed.GetValue(directory));
            }

            parsed.InvocationConfiguration.Output.WriteLine(anchor.ExportCertificatePem());
        });
        return command;
    }

    private static Command Remove()
    {
        var domain = TrustDomainArgument();
        var directory = DirectoryOption();
        var command = new Command("remove", "Removes a development CA. The next process makes a new one; those that run do not trust it until they are restarted.") { domain, directory };
        command.SetAction(parsed =>
        {
            if (!DevelopmentAuthority.Remove(PathOf(parsed.GetValue(directory)), parsed.GetRequiredValue(domain)))
            {
                throw NoAuthority(parsed.GetRequiredValue(domain), parsed.GetValue(directory));
            }

            parsed.InvocationConfiguration.Output.WriteLine($"removed; restart the processes of {parsed.GetRequiredValue(domain)}");
        });
        return command;
    }

    private static MeshIdentityException NoAuthority(string domain, DirectoryInfo? directory) =>
        new($"There is no development CA of '{domain}' in '{PathOf(directory)}'.");
}
