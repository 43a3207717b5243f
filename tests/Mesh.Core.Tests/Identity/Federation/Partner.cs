using System.Security.Cryptography.X509Certificates;
using Mesh.Identity;
using Mesh.Tests.Certificates;

namespace Mesh.Core.Tests.Identity.Federation;

/// <summary>Another trust domain: an authority, its bundle and its workloads.</summary>
internal sealed class Partner(DateTimeOffset now, string trustDomain = "partner.example")
{
    private readonly Forged _root = Forge.Authority($"root of {trustDomain} {Guid.NewGuid():N}", [$"spiffe://{trustDomain}"]).SelfSigned(now);

    public string Pem => _root.Certificate.ExportCertificatePem();

    public string Key => $$"""{ "use": "x509-svid", "kty": "EC", "x5c": [ "{{Convert.ToBase64String(_root.Certificate.RawData)}}" ] }""";

    public Forged Workload(string path = "/a") => new Forge { Uris = [$"spiffe://{trustDomain}{path}"] }.Sign(_root, now);

    public static string Document(long? sequence, int? hint, params Partner[] partners) =>
        $$"""{ {{(sequence is null ? "" : $"\"spiffe_sequence\": {sequence},")}} {{(hint is null ? "" : $"\"spiffe_refresh_hint\": {hint},")}} "keys": [ {{string.Join(',', partners.Select(static partner => partner.Key))}} ] }""";

    public PeerRefusal Judge(IIdentitySource source) => PeerVerifier.Verify(Workload().Certificate, null, source.Current.Trust, now).Refusal;

    public X509Identity Identity(string path = "/a")
    {
        var leaf = Workload(path);
        return new X509Identity(leaf.WithKey(), [], new TrustBundles(trustDomain, _root.Certificate));
    }

    public X509Certificate2 Root => _root.Certificate;
}
