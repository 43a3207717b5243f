using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CsCheck;
using Mesh.Core.Tests.Identity.Development;
using Mesh.Identity;
using Mesh.Identity.Files;
using Microsoft.Extensions.Logging;

namespace Mesh.Core.Tests.Identity.Files;

public sealed class FileIdentitySourceTests
{
    [Test]
    public void Current_AtFirst_IsWhatTheFilesHold()
    {
        using var folder = new IdentityFolder();
        using var source = folder.CreateSource();
        var identity = source.Current;
        Assert.Multiple(() =>
        {
            Assert.That(identity.Id, Is.EqualTo(SpiffeId.ForService("shop.example", "shop", "orders")));
            Assert.That(identity.Trust.TrustDomains, Is.EqualTo(["shop.example"]));
            Assert.That(PeerVerifier.Verify(identity.Leaf, null, identity.Trust, TestLeaf.Now).Accepted, Is.True);
            Assert.That(folder.Logged(LogLevel.Information), Has.Count.EqualTo(1));
        });
    }

    [Test]
    public void Poll_NewPair_IsAdoptedWhenItStandsStillAndTheTokenFires()
    {
        using var folder = new IdentityFolder();
        using var source = folder.CreateSource();
        var (first, token) = (source.Current, source.GetChangeToken());
        var next = IdentityFolder.Issue(hours: 48);
        folder.Write(next, IdentityFolder.Authority);
        folder.Poll(1);
        Assert.That((source.Current, token.HasChanged), Is.EqualTo((first, false)), "one look");
        folder.Poll(1);
        Assert.Multiple(() =>
        {
            Assert.That(source.Current.Leaf.SerialNumber, Is.EqualTo(next.SerialNumber));
            Assert.That(token.HasChanged, Is.True);
            Assert.That(source.GetChangeToken().HasChanged, Is.False);
        });
        var adopted = source.Current;
        folder.Poll(10);
        Assert.That(source.Current, Is.SameAs(adopted), "nothing has changed");
    }

    [Test]
    public void Poll_CertificateBeforeItsKey_KeepsTheLastPairAndSaysSoOnce()
    {
        using var folder = new IdentityFolder();
        using var source = folder.CreateSource();
        var first = source.Current;
        var next = IdentityFolder.Issue(hours: 48);
        folder.WriteCertificate(next);
        folder.Poll(6);
        Assert.That(source.Current, Is.SameAs(first));
        Assert.That(folder.Logged(LogLevel.Error), Has.Count.EqualTo(1).And.One.Contains("does not belong"));
        folder.WriteKey(next);
        folder.Poll();
        Assert.That(source.Current.Leaf.SerialNumber, Is.EqualTo(next.SerialNumber));
    }

    [Test]
    public void Poll_BundleAlone_ChangesTrustAndNotTheCertificate()
    {
        using var folder = new IdentityFolder();
        using var source = folder.CreateSource();
        var first = source.Current;
        folder.WriteBundle(IdentityFolder.Authority, IdentityFolder.NextAuthority);
        folder.Poll();
        using var peer = IdentityFolder.Issue(authority: IdentityFolder.NextAuthority);
        Assert.Multiple(() =>
        {
            Assert.That(source.Current.Leaf.SerialNumber, Is.EqualTo(first.Leaf.SerialNumber));
            Assert.That(PeerVerifier.Verify(peer, null, source.Current.Trust, TestLeaf.Now).Accepted, Is.True);
            Assert.That(PeerVerifier.Verify(peer, null, first.Trust, TestLeaf.Now).Accepted, Is.False);
        });
    }

    [Test]
    public void Poll_BundleThatDoesNotVouchForTheCertificate_IsUsedAndWarnedOf()
    {
        using var folder = new IdentityFolder();
        using var source = folder.CreateSource();
        folder.WriteBundle(IdentityFolder.NextAuthority);
        folder.Poll();
        Assert.That(folder.Logged(LogLevel.Warning), Has.Some.Contains("Untrusted"));
    }

    [Test]
    public void Poll_FilesGoneForAWhile_KeepsTheIdentity()
    {
        using var folder = new IdentityFolder();
        using var source = folder.CreateSource();
        var first = source.Current;
        File.Delete(folder.PathOf("tls.key"));
        folder.Poll(3);
        Assert.That(source.Current, Is.SameAs(first));
        Assert.That(folder.Logged(LogLevel.Error), Has.Count.EqualTo(1).And.One.Contains("tls.key"));
        var next = IdentityFolder.Issue(hours: 48);
        folder.Write(next, IdentityFolder.Authority);
        folder.Poll();
        Assert.That(source.Current.Leaf.SerialNumber, Is.EqualTo(next.SerialNumber));
    }

    [Test]
    public void Poll_ExpiredCertificate_IsNotAdoptedWhileTheOneInUseIsValid()
    {
        using var folder = new IdentityFolder();
        using var source = folder.CreateSource();
        var first = source.Current;
        folder.Write(IdentityFolder.Issue(hours: 0.001), IdentityFolder.Authority);
        folder.Poll(4);
        Assert.That(source.Current, Is.SameAs(first));
        Assert.That(folder.Logged(LogLevel.Error), Has.Count.EqualTo(1).And.One.Contains("has expired"));
    }

    [Test]
    public void Poll_CertificateOfTomorrow_IsAdoptedWhenItsTimeComes()
    {
        using var folder = new IdentityFolder();
        using var source = folder.CreateSource();
        var first = source.Current;
        using var issuer = CertificateIssuer.Create("shop.example", "later", TimeSpan.FromDays(9), TestLeaf.Now);
        var next = issuer.Issue(first.Id, TimeSpan.FromDays(2), TestLeaf.Now.AddMinutes(3));
        folder.Write(next, issuer);
        folder.Poll(4);
        Assert.That(source.Current, Is.SameAs(first));
        folder.Time.Advance(TimeSpan.FromMinutes(5));
        folder.Poll();
        Assert.That(source.Current.Leaf.SerialNumber, Is.EqualTo(next.SerialNumber));
    }

    [Test]
    [Platform(Exclude = "Win")]
    public void Poll_KubernetesVolume_FollowsTheSwappedLink()
    {
        using var folder = new IdentityFolder();
        foreach (var name in (string[])["tls.crt", "tls.key", "ca.crt"])
        {
            File.Delete(folder.PathOf(name));
            File.CreateSymbolicLink(folder.PathOf(name), Path.Combine("..data", name));
        }

        var next = IdentityFolder.Issue(hours: 48);
        Generation("..2026_1", IdentityFolder.Issue());
        Generation("..2026_2", next);
        Directory.CreateSymbolicLink(folder.PathOf("..data"), "..2026_1");
        using var source = folder.CreateSource();
        Assert.That(folder.Logged(LogLevel.Warning), Is.Empty, "a volume of Kubernetes is 0644 by default");

        // As the kubelet does it: a new link is moved over the old one.
        Directory.CreateSymbolicLink(folder.PathOf("..data_tmp"), "..2026_2");
        Assert.That(Rename(folder.PathOf("..data_tmp"), folder.PathOf("..data")), Is.Zero);
        Directory.Delete(folder.PathOf("..2026_1"), recursive: true);
        folder.Poll();
        Assert.That(source.Current.Leaf.SerialNumber, Is.EqualTo(next.SerialNumber));

        void Generation(string name, X509Certificate2 leaf)
        {
            Directory.CreateDirectory(folder.PathOf(name));
            File.WriteAllText(Path.Combine(folder.PathOf(name), "tls.crt"), leaf.ExportCertificatePem());
            File.WriteAllText(Path.Combine(folder.PathOf(name), "tls.key"), IdentityFolder.KeyOf(leaf));
            File.WriteAllText(Path.Combine(folder.PathOf(name), "ca.crt"), IdentityFolder.Authority.Anchor.ExportCertificatePem());
        }
    }

    [Test]
    public void Poll_AnyFileCutAnywhere_KeepsAnIdentityThatFitsTogether()
    {
        using var folder = new IdentityFolder();
        using var source = folder.CreateSource();
        var next = IdentityFolder.Issue(hours: 48);
        string[] names = ["tls.crt", "tls.key", "ca.crt"];
        Gen.Select(Gen.Int[0, 2], Gen.Double[0, 1], Gen.Bool).Sample(
            (file, share, isNext) =>
            {
                folder.Write(isNext ? next : IdentityFolder.Issue(), IdentityFolder.Authority);
                var content = File.ReadAllBytes(folder.PathOf(names[file]));
                File.WriteAllBytes(folder.PathOf(names[file]), content[..(int)(content.Length * share)]);
                folder.Poll();
                var identity = source.Current;
                using var key = identity.Leaf.GetECDsaPrivateKey()!;
                using var certified = identity.Leaf.GetECDsaPublicKey()!;
                return certified.VerifyData("a"u8, key.SignData("a"u8, HashAlgorithmName.SHA256), HashAlgorithmName.SHA256)
                    && PeerVerifier.Verify(identity.Leaf, null, identity.Trust, TestLeaf.Now).Accepted;
            },
            iter: 100,
            threads: 1);
        folder.Write(next, IdentityFolder.Authority);
        folder.Poll();
        Assert.That(source.Current.Leaf.SerialNumber, Is.EqualTo(next.SerialNumber));
        Assert.That(string.Join('\n', folder.Log.Entries.Select(static entry => entry.Message)), Does.Not.Contain("PRIVATE KEY"));
    }

    [Test]
    public void Current_ChainAndRootInTheCertificateFile_SendsTheChain()
    {
        using var folder = new IdentityFolder();
        using var root = TestLeaf.Authority("root");
        using var intermediate = TestLeaf.Authority("intermediate", root);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var leaf = new TestLeaf().SignFor(intermediate, key);
        File.WriteAllText(folder.PathOf("tls.crt"), $"{leaf.ExportCertificatePem()}\n{intermediate.ExportCertificatePem()}\n{root.ExportCertificatePem()}");
        File.WriteAllText(folder.PathOf("tls.key"), key.ExportECPrivateKeyPem());
        File.WriteAllText(folder.PathOf("ca.crt"), root.ExportCertificatePem());
        using var source = folder.CreateSource();
        Assert.That(source.Current.CertificateContext.IntermediateCertificates.Select(static certificate => certificate.Subject), Is.EqualTo(["CN=intermediate"]));
        Assert.That(folder.Logged(LogLevel.Warning).Where(static message => message.Contains("refuse", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void Current_BundleDocument_IsReadAsSuch()
    {
        using var folder = new IdentityFolder();
        File.WriteAllText(folder.PathOf("ca.crt"), $$"""{ "keys": [ { "use": "x509-svid", "kty": "EC", "x5c": [ "{{Convert.ToBase64String(IdentityFolder.Authority.Anchor.RawData)}}" ] } ] }""");
        using var source = folder.CreateSource();
        Assert.That(PeerVerifier.Verify(source.Current.Leaf, null, source.Current.Trust, TestLeaf.Now).Accepted, Is.True);
    }

    [TestCase("secret", "secret\n")]
    [TestCase("p\u00e4ss", "p\u00e4ss\r\n")]
    public void Current_Pkcs12_OpensWithThePasswordOfItsFile(string password, string file)
    {
        using var folder = new IdentityFolder();
        WritePkcs12(folder, password, file);
        using var source = folder.CreateSource();
        Assert.That(source.Current.Leaf.HasPrivateKey, Is.True);
    }

    [Test]
    public void Poll_WrongPassword_KeepsTheIdentityUntilItFits()
    {
        using var folder = new IdentityFolder();
        WritePkcs12(folder, "one", "one");
        using var source = folder.CreateSource();
        var first = source.Current;
        var next = WritePkcs12(folder, "two", "one");
        folder.Poll(4);
        Assert.That(source.Current, Is.SameAs(first));
        Assert.That(folder.Logged(LogLevel.Error), Has.Count.EqualTo(1).And.One.Contains("password").And.None.Contains("two"));
        File.WriteAllText(folder.PathOf("password"), "two");
        folder.Poll();
        Assert.That(source.Current.Leaf.SerialNumber, Is.EqualTo(next.SerialNumber));
    }

    [Test]
    public void Current_EncryptedKey_OpensWithThePassword()
    {
        using var folder = new IdentityFolder();
        var leaf = IdentityFolder.Issue();
        folder.WriteCertificate(leaf);
        using var key = leaf.GetECDsaPrivateKey()!;
        var parameters = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 100);
        File.WriteAllText(folder.PathOf("tls.key"), key.ExportEncryptedPkcs8PrivateKeyPem("secret", parameters));
        File.WriteAllText(folder.PathOf("password"), "secret");
        folder.Options.PasswordFile = folder.PathOf("password");
        using var source = folder.CreateSource();
        Assert.That(source.Current.Leaf.SerialNumber, Is.EqualTo(leaf.SerialNumber));
    }

    [TestCase("tls.crt", "", "whole PEM certificates")]
    [TestCase("tls.key", "", "does not belong")]
    [TestCase("ca.crt", "", "trust bundle")]
    [TestCase("ca.crt", null, "cannot be read")]
    public void Constructor_BrokenFile_NamesItAndTheRule(string name, string? content, string message)
    {
        using var folder = new IdentityFolder();
        File.Delete(folder.PathOf(name));
        if (content is not null)
        {
            File.WriteAllText(folder.PathOf(name), content);
        }

        Assert.That(folder.CreateSource, Throws.TypeOf<MeshIdentityException>().With.Message.Contains(name).And.Message.Contains(message));
    }

    [Test]
    public void Constructor_FileThatIsTooLarge_IsNotRead()
    {
        using var folder = new IdentityFolder();
        using (var stream = File.OpenWrite(folder.PathOf("ca.crt")))
        {
            stream.SetLength(SpiffeBundle.MaxBytes + 1);
        }

        Assert.That(folder.CreateSource, Throws.TypeOf<MeshIdentityException>().With.Message.Contains("bytes"));
    }

    [Test]
    public void Constructor_NotAnSvid_SaysWhy()
    {
        using var folder = new IdentityFolder();
        using var root = TestLeaf.Authority("root");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(folder.PathOf("tls.crt"), new TestLeaf { Uris = [] }.SignFor(root, key).ExportCertificatePem());
        File.WriteAllText(folder.PathOf("tls.key"), key.ExportPkcs8PrivateKeyPem());
        Assert.That(folder.CreateSource, Throws.TypeOf<MeshIdentityException>().With.Message.Contains("tls.crt").And.Message.Contains("exactly one URI SAN"));
    }

    [TestCase(UnixFileMode.UserRead | UnixFileMode.UserWrite, 0)]
    [TestCase(UnixFileMode.UserRead | UnixFileMode.GroupRead, 1)]
    [TestCase(UnixFileMode.UserRead | UnixFileMode.OtherRead, 1)]
    [Platform(Exclude = "Win")]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void Constructor_KeyThatOthersMayRead_Warns(UnixFileMode mode, int warnings)
    {
        using var folder = new IdentityFolder();
        File.SetUnixFileMode(folder.PathOf("tls.key"), mode);
        using var source = folder.CreateSource();
        Assert.That(folder.Logged(LogLevel.Warning), Has.Count.EqualTo(warnings));
    }

    private static X509Certificate2 WritePkcs12(IdentityFolder folder, string password, string passwordFile)
    {
        var leaf = IdentityFolder.Issue();
        using var key = ECDsa.Create();
        key.ImportFromPem(IdentityFolder.KeyOf(leaf));
        using var bare = X509CertificateLoader.LoadCertificate(leaf.RawData);
        using var exportable = bare.CopyWithPrivateKey(key);
        var store = new X509Certificate2Collection { exportable, IdentityFolder.Authority.Anchor };
        File.WriteAllBytes(folder.PathOf("identity.p12"), store.Export(X509ContentType.Pkcs12, password)!);
        File.WriteAllText(folder.PathOf("password"), passwordFile);
        folder.Options.Pkcs12 = folder.PathOf("identity.p12");
        folder.Options.PasswordFile = folder.PathOf("password");
        return leaf;
    }

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "rename", CharSet = System.Runtime.InteropServices.CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [System.Runtime.InteropServices.DefaultDllImportSearchPaths(System.Runtime.InteropServices.DllImportSearchPath.SafeDirectories)]
    private static extern int Rename(string from, string to);
}
