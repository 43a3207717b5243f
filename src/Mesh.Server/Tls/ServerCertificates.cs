using System.Collections.Frozen;
using System.Net.Security;
using Mesh.Identity;

namespace Mesh.Server.Tls;

/// <summary>The certificates of host names, by what callers ask for.</summary>
internal sealed class ServerCertificates
{
    private const string Wildcard = "*.";

    private readonly FrozenDictionary<string, CertificateFileSource> _exact;
    private readonly FrozenDictionary<string, CertificateFileSource> _endings;
    private readonly CertificateFileSource? _first;

    /// <param name="byName">Each certificate with one of its names, in the order of the configuration.</param>
    public ServerCertificates(IReadOnlyList<(string Name, CertificateFileSource Certificate)> byName)
    {
        _first = byName.Count == 0 ? null : byName[0].Certificate;
        _exact = byName.Where(static pair => !IsWildcard(pair.Name))
            .ToFrozenDictionary(static pair => pair.Name, static pair => pair.Certificate, StringComparer.OrdinalIgnoreCase);
        _endings = byName.Where(static pair => IsWildcard(pair.Name))
            .ToFrozenDictionary(static pair => pair.Name[Wildcard.Length..], static pair => pair.Certificate, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>What is shown where nobody asks for a name that is known and there is no identity to show.</summary>
    public SslStreamCertificateContext? First => _first?.Current;

    /// <summary>The certificate for a name; <see langword="null"/> when it is not known.</summary>
    public SslStreamCertificateContext? Find(string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return null;
        }

        if (_exact.TryGetValue(name, out var certificate))
        {
            return certificate.Current;
        }

        // From the longest ending to the shortest.
        for (var dot = name.IndexOf('.', StringComparison.Ordinal); dot >= 0 && _endings.Count > 0; dot = name.IndexOf('.', dot + 1))
        {
            if (_endings.TryGetValue(name[(dot + 1)..], out certificate))
            {
                return certificate.Current;
            }
        }

        return null;
    }

    private static bool IsWildcard(string name) => name.StartsWith(Wildcard, StringComparison.Ordinal);
}
