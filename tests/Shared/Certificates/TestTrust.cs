using System.Security.Cryptography.X509Certificates;
using Mesh.Identity;

namespace Mesh.Tests.Certificates;

/// <summary>The trust domains of the corpus and their authorities.</summary>
internal sealed class TestTrust
{
    public TestTrust(DateTimeOffset now)
    {
        Now = now;
        Root = Forge.Authority("root", ["spiffe://shop.example"]).SelfSigned(now);
        NextRoot = Forge.Authority("next root", ["spiffe://shop.example"]).SelfSigned(now);
        RsaRoot = Forge.Authority("rsa root", key: ForgedKey.Rsa2048()).SelfSigned(now);
        OldRoot = Forge.Authority("old root", untilDays: -1).SelfSigned(now);
        PlainRoot = Forge.Authority("plain root", usage: null).SelfSigned(now);
        OtherRoot = Forge.Authority("other root", ["spiffe://other.example"]).SelfSigned(now);
        HiddenRoot = Forge.Authority("hidden root").SelfSigned(now);
        IssuingAuthority = Forge.Authority("issuing").Sign(HiddenRoot, now);
        NoAuthority = Forge.Authority("no authority", isAuthority: false).SelfSigned(now);
        NoSigner = Forge.Authority("no signer", usage: X509KeyUsageFlags.DigitalSignature).SelfSigned(now);
        WeakRoot = Forge.Authority("weak root", key: ForgedKey.Rsa1024()).SelfSigned(now);
        FormerRoot = Forge.Authority("former root", ["spiffe://former.example"]).SelfSigned(now);
        LoneLeaf = new Forge { Uris = ["spiffe://lone.example/a"] }.SelfSigned(now);
        Bundles = new TrustBundles(
        [
            new("shop.example", Collect(Root, NextRoot, RsaRoot, OldRoot, PlainRoot)),
            new("other.example", Collect(OtherRoot)),
            new("empty.example", []),
            new("issuing.example", Collect(IssuingAuthority)),
            new("no-authority.example", Collect(NoAuthority)),
            new("no-signer.example", Collect(NoSigner)),
            new("weak.example", Collect(WeakRoot)),
            new("former.example", Collect(FormerRoot)),
            new("lone.example", Collect(LoneLeaf)),
        ]);
    }

    public DateTimeOffset Now { get; }

    public TrustBundles Bundles { get; }

    /// <summary>shop.example is also known as former.example, which has a bundle of its own, and as later.example, which has none.</summary>
    public TrustDomainAliases Aliases { get; } = new("shop.example", ["former.example", "later.example"]);

    public Forged Root { get; }

    public Forged NextRoot { get; }

    public Forged RsaRoot { get; }

    public Forged OldRoot { get; }

    public Forged PlainRoot { get; }

    public Forged OtherRoot { get; }

    public Forged HiddenRoot { get; }

    /// <summary>The anchor of issuing.example, which is not self-signed.</summary>
    public Forged IssuingAuthority { get; }

    public Forged NoAuthority { get; }

    public Forged NoSigner { get; }

    public Forged WeakRoot { get; }

    public Forged FormerRoot { get; }

    public Forged LoneLeaf { get; }

    private static X509Certificate2Collection Collect(params Forged[] anchors) => [.. anchors.Select(static anchor => anchor.Certificate)];
}
