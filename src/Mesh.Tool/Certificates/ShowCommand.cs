using System.CommandLine;
using Mesh.Identity;

namespace Mesh.Tool.Certificates;

/// <summary><c>mesh cert show</c>: prints a chain and whether its leaf has the form of an X.509-SVID.</summary>
internal static class ShowCommand
{
    public static Command Create(TimeProvider time)
    {
        var source = SourceArgument.Create();
        var passwordFile = SourceArgument.PasswordFile();
        var command = new Command("show", "Prints the certificates in a file, or those a server shows, and whether the first has the form of an X.509-SVID. Trusts nothing.") { source, passwordFile };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var chain = await CertificateChain.ReadAsync(parsed.GetRequiredValue(source), parsed.GetValue(passwordFile), cancellationToken).ConfigureAwait(false);
            return Show(parsed.InvocationConfiguration.Output, chain, time.GetUtcNow());
        });
        return command;
    }

    private static int Show(TextWriter output, CertificateChain chain, DateTimeOffset now)
    {
        output.WriteLine("leaf");
        CertificateText.Write(output, chain.Leaf, now);
        foreach (var other in chain.Others)
        {
            output.WriteLine("above it");
            CertificateText.Write(output, other, now);
        }

        output.WriteLine();
        var (id, refusal, reason) = X509Svid.Read(chain.Leaf);
        output.WriteLine(id is null
            ? TerminalText.Clean($"not an X.509-SVID: {refusal}: {reason}")
            : "an X.509-SVID by its form; `mesh cert verify` says whether to trust it");
        return id is null ? MeshTool.Refused : 0;
    }
}
