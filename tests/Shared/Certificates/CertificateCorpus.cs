using System.Security.Cryptography.X509Certificates;
using Mesh.Identity;

namespace Mesh.Tests.Certificates;

/// <summary>The chains that the mesh must accept and refuse: the same for the verifier alone and for both sides of a handshake.</summary>
internal sealed class CertificateCorpus
{
    private readonly TestTrust _trust;
    private readonly List<ChainCase> _cases = [];

    public CertificateCorpus(DateTimeOffset now)
    {
        _trust = new TestTrust(now);
        AddGoodLeaves();
        AddGoodPaths();
        LeafCases.AddTo(this);
        PathCases.AddTo(this);
    }

    public TestTrust Trust => _trust;

    public IReadOnlyList<ChainCase> Cases => _cases;

    public void Refuse(PeerRefusal reason, string name, Forge leaf, Forged? issuer = null, params Forged[] others) =>
        Add(reason, name, leaf.Sign(issuer ?? _trust.Root, _trust.Now), others);

    public void Add(PeerRefusal expected, string name, Forged leaf, params Forged[] others) =>
        _cases.Add(new(name, expected, leaf, [.. others.Select(static other => other.Certificate)]));

    private void Accept(string name, Forge leaf, Forged? issuer = null, params Forged[] others) =>
        Refuse(PeerRefusal.None, name, leaf, issuer, others);

    private void AddGoodLeaves()
    {
        Accept("plain", new Forge());
        Accept("P-384", new Forge { Key = ForgedKey.Ec("nistP384") });
        Accept("P-521", new Forge { Key = ForgedKey.Ec("nistP521") });
        Accept("RSA 2048", new Forge { Key = ForgedKey.Rsa2048() });
        Accept("signed with RSA", new Forge(), _trust.RsaRoot);
        Accept("signed with RSASSA-PSS", new Forge(), _trust.RsaRoot with { Key = ForgedKey.Rsa2048(pss: true) });
        Accept("no extended key usage", new Forge { Purposes = null });
        Accept("one purpose more", new Forge { Purposes = [Forge.CodeSigning, Forge.ClientAuth, Forge.ServerAuth] });
        Accept("key encipherment too", new Forge { KeyUsage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment });
        Accept("key agreement too", new Forge { KeyUsage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyAgreement });
        Accept("no subject", new Forge { Subject = "", NamesAreCritical = true });
        Accept("no basic constraints", new Forge { IsAuthority = null });
        Accept("other names beside the URI", new Forge
        {
            Uris = null,
            Extra = [("2.5.29.17", false, Forge.Names((1, "a@b"u8.ToArray()), (2, "orders.example"u8.ToArray()), (6, "spiffe://shop.example/a"u8.ToArray()), (7, [127, 0, 0, 1])))],
        });
        Accept("longest ID", new Forge { Uris = [$"spiffe://shop.example/{new string('x', 2048 - 22)}"] });
        Accept("unknown extension that is not critical", new Forge { Extra = [("1.2.3.4", false, [5, 0])] });
    }

    private void AddGoodPaths()
    {
        var now = _trust.Now;
        var intermediate = Forge.Authority("intermediate", ["spiffe://shop.example"]).Sign(_trust.Root, now);
        var nameless = Forge.Authority("nameless").Sign(_trust.Root, now);
        var second = Forge.Authority("second", pathLength: 0).Sign(intermediate, now);
        Accept("one intermediate", new Forge(), intermediate, intermediate);
        Accept("intermediate without an ID", new Forge(), nameless, nameless);
        Accept("two intermediates", new Forge(), second, second, intermediate);
        Accept("intermediates out of order", new Forge(), second, intermediate, second);
        Accept("root sent along", new Forge(), intermediate, intermediate, _trust.Root);
        Accept("a stranger's certificate sent along", new Forge(), intermediate, _trust.OtherRoot, intermediate);
        Accept("second anchor of the bundle", new Forge(), _trust.NextRoot);
        Accept("anchor without key usage", new Forge(), _trust.PlainRoot);
        Accept("federated trust domain", new Forge { Uris = ["spiffe://other.example/a"] }, _trust.OtherRoot);
        Accept("alias with a bundle of its own", new Forge { Uris = ["spiffe://former.example/a"] }, _trust.FormerRoot);
        Accept("alias without a bundle", new Forge { Uris = ["spiffe://later.example/a"] });

        var both = Forge.Authority("both purposes", purposes: [Forge.ServerAuth, Forge.ClientAuth]).Sign(_trust.Root, now);
        var any = Forge.Authority("any purpose", purposes: [Forge.AnyPurpose]).Sign(_trust.Root, now);
        Accept("intermediate for both purposes", new Forge(), both, both);
        Accept("intermediate for any purpose", new Forge(), any, any);

        var former = Forge.Authority("former intermediate", ["spiffe://former.example"]).Sign(_trust.Root, now);
        Accept("intermediate of an alias", new Forge(), former, former);
        var cross = Forge.Authority("next root", ["spiffe://shop.example"], _trust.NextRoot.Key).Sign(_trust.Root, now);
        Accept("cross-signed root", new Forge(), _trust.NextRoot, cross);

        var issued = new Forge { Uris = ["spiffe://issuing.example/a"] };
        Accept("anchor that is not self-signed", issued, _trust.IssuingAuthority);
        Accept("anchor that is not self-signed, sent along", issued, _trust.IssuingAuthority, _trust.IssuingAuthority);
        var below = Forge.Authority("below").Sign(_trust.IssuingAuthority, now);
        Accept("intermediate below an anchor that is not self-signed", issued, below, below);

        var constrained = Forge.Authority("constrained", extra: PathCases.UriConstraint(permitted: true, "shop.example")).Sign(_trust.Root, now);
        Accept("name constraint that permits the trust domain", new Forge(), constrained, constrained);
    }
}
