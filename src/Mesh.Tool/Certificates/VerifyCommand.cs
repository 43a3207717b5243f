using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using Mesh.Identity;
using Mesh.Identity.Development;
using Mesh.Identity.Files;
using Mesh.Tool.Development;

namespace Mesh.Tool.Certificates;

/// <summary><c>mesh cert verify</c>: the verdict that a peer would come to, with its reason.</summary>
internal static class VerifyCommand
{
    public static Command Create(TimeProvider time)
    {
        var source = SourceArgument.Create();
        var passwordFile = SourceArgument.PasswordFile();
        var bundles = new Option<string[]>("--bundle")
        {
            Description = "A trust bundle, PEM or SPIFFE document, as FILE for the trust domain the leaf names, or TRUST-DOMAIN=FILE; may be repeated. Default: the development CA of the leaf's trust domain.",
        };
        var expected = new Option<SpiffeIdPattern?>("--expect")
        {
            Description = "Who it should be: a SPIFFE ID, or one that ends in /*.",
            CustomParser = static result => SpiffeIdPattern.TryParse(result.Tokens[0].Value, out var pattern)
                ? pattern
                : Refuse(result, $"'{result.Tokens[0].Value}' is neither a SPIFFE ID nor one that ends in /*."),
        };
        var at = new Option<DateTimeOffset?>("--at") { Description = "The time to judge at, as 2026-11-23T09:00:00Z. Default: now." };
        var directory = DevelopmentCommand.DirectoryOption();
        var command = new Command("verify", "Judges a chain as a peer of the mesh does, and says why it is refused. Exit code 0: accepted, 1: refused.")
        {
            source, passwordFile, bundles, expected, at, directory,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var chain = await CertificateChain.ReadAsync(parsed.GetRequiredValue(source), parsed.GetValue(passwordFile), cancellationToken).ConfigureAwait(false);
            var domain = X509Svid.Read(chain.Leaf).Id?.TrustDomain;
            var trust = ReadBundles(parsed.GetValue(bundles) ?? [], domain) ?? DevelopmentTrust(parsed.GetValue(directory), domain);
            var verdict = PeerVerifier.Verify(chain.Leaf, chain.Others, trust, parsed.GetValue(at) ?? time.GetUtcNow());
            return Say(parsed.InvocationConfiguration.Output, verdict, parsed.GetValue(expected));
        });
        return command;
    }

    private static int Say(TextWriter output, PeerVerdict verdict, SpiffeIdPattern? expected)
    {
        if (!verdict.Accepted)
        {
            output.WriteLine(TerminalText.Clean($"refused: {verdict.Refusal}: {verdict.Detail}"));
            return MeshTool.Refused;
        }

        if (expected?.Matches(verdict.Id!) == false)
        {
            output.WriteLine($"refused: {PeerRefusal.UnexpectedId}: the peer is '{verdict.Id}' and '{expected}' was expected");
            return MeshTool.Refused;
        }

        output.WriteLine($"accepted: {verdict.Id}");
        return 0;
    }

    private static TrustBundles? ReadBundles(string[] bundles, string? domain)
    {
        if (bundles.Length == 0)
        {
            return null;
        }

        var read = new Dictionary<string, SpiffeBundle>(StringComparer.Ordinal);
        foreach (var bundle in bundles)
        {
            var separator = bundle.IndexOf('=', StringComparison.Ordinal);
            var isNamed = separator > 0 && SpiffeId.IsTrustDomain(bundle.AsSpan(..separator)) && !File.Exists(bundle);
            var path = isNamed ? bundle[(separator + 1)..] : bundle;
            try
            {
                // A leaf that names no trust domain is refused for that, whatever the bundle.
                read[isNamed ? bundle[..separator] : domain ?? "unknown"] = SpiffeBundle.Parse(BoundedFile.Read(path));
            }
            catch (FormatException exception)
            {
                throw new MeshIdentityException($"'{path}': {exception.Message}", exception);
            }
        }

        return TrustBundles.From(read);
    }

    private static TrustBundles DevelopmentTrust(DirectoryInfo? directory, string? domain)
    {
        var anchors = new Dictionary<string, X509Certificate2Collection>(StringComparer.Ordinal);
        if (domain is not null && DevelopmentAuthority.FindAnchor(DevelopmentCommand.PathOf(directory), domain) is { } anchor)
        {
            anchors[domain] = [anchor];
        }

        return new TrustBundles(anchors);
    }

    private static SpiffeIdPattern? Refuse(System.CommandLine.Parsing.ArgumentResult result, string message)
    {
        result.AddError(message);
        return null;
    }
}
