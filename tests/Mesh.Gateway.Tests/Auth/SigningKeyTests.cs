using System.Security.Cryptography;
using System.Text.Json;
using Mesh.Configuration;
using Mesh.Gateway.Auth.Tokens;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.Tokens;

namespace Mesh.Gateway.Tests.Auth;

/// <summary>The keys that sign tokens, and their files.</summary>
public sealed class SigningKeyTests
{
    private readonly FakeTimeProvider _time = new();
    private string _folder = null!;

    [SetUp]
    public void Create() => _folder = Directory.CreateTempSubdirectory("mesh-keys-").FullName;

    [TearDown]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Parse_EveryFormOfPem_IsRead()
    {
        using var elliptic = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(2048);

        Assert.That(SigningKey.Parse(elliptic.ExportECPrivateKeyPem()).Algorithm, Is.EqualTo("ES256"));
        Assert.That(SigningKey.Parse(elliptic.ExportPkcs8PrivateKeyPem()).Algorithm, Is.EqualTo("ES256"));
        Assert.That(SigningKey.Parse(rsa.ExportRSAPrivateKeyPem()).Algorithm, Is.EqualTo("RS256"));
        Assert.That(SigningKey.Parse(rsa.ExportPkcs8PrivateKeyPem()).Algorithm, Is.EqualTo("RS256"));
    }

    [Test]
    public void KeyId_Always_IsTheThumbprintOfRfc7638()
    {
        using var elliptic = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(2048);

        Assert.That(SigningKey.Parse(elliptic.ExportECPrivateKeyPem()).KeyId, Is.EqualTo(Base64UrlEncoder.Encode(JsonWebKeyConverter.ConvertFromECDsaSecurityKey(new ECDsaSecurityKey(elliptic)).ComputeJwkThumbprint())));
        Assert.That(SigningKey.Parse(rsa.ExportRSAPrivateKeyPem()).KeyId, Is.EqualTo(Base64UrlEncoder.Encode(new RsaSecurityKey(rsa).ComputeJwkThumbprint())));
    }

    [Test]
    public void Parse_KeyThatCannotSignWell_IsRefused()
    {
        using var large = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var elliptic = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var small = RSA.Create(1024);
        using var rsa = RSA.Create(2048);
        foreach (var pem in new[] { large.ExportECPrivateKeyPem(), elliptic.ExportSubjectPublicKeyInfoPem(), small.ExportRSAPrivateKeyPem(), rsa.ExportSubjectPublicKeyInfoPem(), "", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----" })
        {
            Assert.That(() => SigningKey.Parse(pem), Throws.InstanceOf<CryptographicException>(), pem);
        }
    }

    [Test]
    public void Refresh_FileIsReplaced_NewKeySignsAndTheOldOneStaysPublishedForAWhile()
    {
        var file = Write("a.pem");
        var ring = Open(file)!;
        var first = ring.Current;
        Write("a.pem");
        ring.Refresh();
        Assert.That(ring.Current, Is.SameAs(first), "files are not looked at all the time");

        _time.Advance(SigningKeyRing.CheckInterval);
        ring.Refresh();

        Assert.That(ring.Current.KeyId, Is.Not.EqualTo(first.KeyId));
        Assert.That(Published(ring), Is.EqualTo(new[] { ring.Current.KeyId, first.KeyId }));
        _time.Advance(SigningKeyRing.RetiredFor + SigningKeyRing.CheckInterval);
        Assert.That(Published(ring), Is.EqualTo(new[] { ring.Current.KeyId }));
    }

    [Test]
    public void Refresh_FileIsBroken_KeysStayUntilItIsWhole()
    {
        var file = Write("a.pem");
        var ring = Open(file)!;
        var first = ring.Current;
        File.WriteAllText(file, "half a ke");
        _time.Advance(SigningKeyRing.CheckInterval);
        ring.Refresh();
        Assert.That(ring.Current, Is.SameAs(first));

        Write("a.pem");
        _time.Advance(SigningKeyRing.CheckInterval);
        ring.Refresh();
        Assert.That(ring.Current, Is.Not.SameAs(first));
    }

    [Test]
    public void Open_SeveralFiles_TheFirstSignsAndAllArePublished()
    {
        var ring = Open(Write("a.pem"), Write("b.pem"))!;

        Assert.That(Published(ring), Has.Exactly(2).Items);
        Assert.That(Published(ring)[0], Is.EqualTo(ring.Current.KeyId));
    }

    [Test]
    public void WriteJwks_Always_HasPublicKeysOnly()
    {
        using var json = JsonDocument.Parse(Open(Write("a.pem"))!.WriteJwks());

        Assert.That(json.RootElement.GetProperty("keys")[0].EnumerateObject().Select(static member => member.Name), Is.EqualTo(new[] { "crv", "kty", "x", "y", "use", "alg", "kid" }));
    }

    [Test]
    public void Open_FileCannotBeUsed_SaysWhich()
    {
        var errors = new ConfigurationErrors();
        var broken = Path.Combine(_folder, "broken.pem");
        File.WriteAllText(broken, "secret text");

        Assert.That(SigningKeyRing.Open([Write("a.pem"), broken, Path.Combine(_folder, "none.pem")], "Keys", errors, _time, NullLogger.Instance), Is.Null);
        Assert.That(errors.All, Has.Some.StartsWith($"Keys:1: '{broken}' cannot be used: it has no private key").And.Some.StartsWith("Keys:2: ").And.None.Contain("secret text"));
    }

    private SigningKeyRing? Open(params string[] files)
    {
        var errors = new ConfigurationErrors();
        var ring = SigningKeyRing.Open([.. files], "Keys", errors, _time, NullLogger.Instance);
        Assert.That(errors.All, Is.Empty);
        return ring;
    }

    private string Write(string name)
    {
        var file = Path.Combine(_folder, name);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        // A file that is replaced within the resolution of the file system's clock has another length at least.
        File.WriteAllText(file, key.ExportECPrivateKeyPem() + new string('\n', Random.Shared.Next(1, 5000)));
        return file;
    }

    private static string[] Published(SigningKeyRing ring)
    {
        using var json = JsonDocument.Parse(ring.WriteJwks());
        return [.. json.RootElement.GetProperty("keys").EnumerateArray().Select(static key => key.GetProperty("kid").GetString()!)];
    }
}
