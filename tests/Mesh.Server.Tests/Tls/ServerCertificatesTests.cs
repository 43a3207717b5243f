using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Identity;
using Mesh.Server.Tests.Hosting;
using Mesh.Server.Tls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Server.Tests.Tls;

internal sealed class ServerCertificatesTests
{
    private DirectoryInfo _folder = null!;

    [SetUp]
    public void Create() => _folder = Directory.CreateTempSubdirectory("mesh-certificates-");

    [TearDown]
    public void Delete() => _folder.Delete(recursive: true);

    [TestCase("shop.example", "shop")]
    [TestCase("SHOP.example", "shop")]
    [TestCase("www.shop.example", "www")]
    [TestCase("a.www.shop.example", "www")]
    [TestCase("other.shop.example", "all")]
    [TestCase("example", null)]
    [TestCase("shop.example.evil", null)]
    [TestCase("", null)]
    [TestCase(null, null)]
    public void Find_LongestNameDecides(string? name, string? expected)
    {
        var time = new FakeTimeProvider();
        using var shop = new CertificateFileSource(Write("shop"), time, NullLogger.Instance);
        using var www = new CertificateFileSource(Write("www"), time, NullLogger.Instance);
        using var all = new CertificateFileSource(Write("all"), time, NullLogger.Instance);
        var certificates = new ServerCertificates([("shop.example", shop), ("*.shop.example", all), ("*.www.shop.example", www), ("www.shop.example", www)]);

        Assert.That(certificates.Find(name)?.TargetCertificate.Subject, Is.EqualTo(expected is null ? null : $"CN={expected}"));
        Assert.That(certificates.First!.TargetCertificate.Subject, Is.EqualTo("CN=shop"));
    }

    [Test]
    public void Source_FilesAreRenewed_AdoptsWhatStandsStill()
    {
        var time = new FakeTimeProvider();
        var paths = Write("one");
        using var source = new CertificateFileSource(paths, time, NullLogger.Instance);
        File.WriteAllText(paths.Certificate!, "half a certif");
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.That(source.Current.TargetCertificate.Subject, Is.EqualTo("CN=one"), "the last good one stays");

        Write("two", Path.GetFileNameWithoutExtension(paths.Certificate!));
        time.Advance(TimeSpan.FromSeconds(5));
        time.Advance(TimeSpan.FromSeconds(5));

        Assert.That(source.Current.TargetCertificate.Subject, Is.EqualTo("CN=two"));
    }

    [Test]
    public async Task Sni_NameIsKnown_ShowsItsCertificateAndAsksAsEver()
    {
        var shop = Write("shop");
        await using var app = await StartAsync(("Tls:Certificates:0:Hostnames:0", "shop.example"), ("Tls:Certificates:0:Certificate", shop.Certificate), ("Tls:Certificates:0:Key", shop.Key));

        Assert.That(await SubjectAsync(app, "shop.example", ServedApp.Authority.Issue("storefront")), Is.EqualTo("CN=shop"));
        Assert.That(await SubjectAsync(app, "orders", ServedApp.Authority.Issue("storefront")), Is.Not.EqualTo("CN=shop"), "a peer asks for the service");
        Assert.That(async () => await SubjectAsync(app, "shop.example", null), Throws.InstanceOf<IOException>(), "strict is strict");
    }

    [Test]
    public async Task Sni_EdgeAndUnknownName_ShowsTheFirst()
    {
        var shop = Write("shop");
        await using var app = await StartAsync(
            ("PeerAuthentication", "Disabled"), ("Tls:Certificates:0:Hostnames:0", "shop.example"), ("Tls:Certificates:0:Certificate", shop.Certificate), ("Tls:Certificates:0:Key", shop.Key));

        Assert.That(await SubjectAsync(app, "other.example", null), Is.EqualTo("CN=shop"));
    }

    [Test]
    public async Task Reload_CertificateIsAdded_NextHandshakeShowsIt()
    {
        var shop = Write("shop");
        await using var app = await StartAsync();
        Assert.That(await SubjectAsync(app, "shop.example", ServedApp.Authority.Issue("storefront")), Is.Not.EqualTo("CN=shop"));

        app.Reconfigure(("Tls:Certificates:0:Hostnames:0", "shop.example"), ("Tls:Certificates:0:Certificate", shop.Certificate), ("Tls:Certificates:0:Key", shop.Key));
        Assert.That(await SubjectAsync(app, "shop.example", ServedApp.Authority.Issue("storefront")), Is.EqualTo("CN=shop"));

        app.Reconfigure(("Tls:Certificates:1:Hostnames:0", "www.example"), ("Tls:Certificates:1:Certificate", "/nowhere.pem"));
        Assert.That(await SubjectAsync(app, "shop.example", ServedApp.Authority.Issue("storefront")), Is.EqualTo("CN=shop"), "a bad reload changes nothing");
    }

    [Test]
    public void Start_FileIsMissing_SaysWhich()
    {
        Assert.That(
            async () => await StartAsync(("Tls:Certificates:0:Hostnames:0", "shop.example"), ("Tls:Certificates:0:Certificate", "/nowhere.pem")),
            Throws.Exception.Message.Contains("Mesh:Server:Tls:Certificates:0: '/nowhere.pem' cannot be read"));
    }

    [TestCase("Hostnames:0", "shop.example", "Tls:Certificates:0: either Certificate or Pkcs12 is required")]
    [TestCase("Hostnames:0", "*", "Tls:Certificates:0:Hostnames:0: found '*', allowed is a host name, or '*.' and one")]
    [TestCase("Hostnames:0", "10.0.0.1", "Tls:Certificates:0:Hostnames:0: found '10.0.0.1'")]
    [TestCase("Certificate", "x.pem", "Tls:Certificates:0:Hostnames")]
    public void Start_EntryIsWrong_SaysWhatIsAllowed(string key, string value, string expected) =>
        Assert.That(async () => await StartAsync(($"Tls:Certificates:0:{key}", value)), Throws.Exception.Message.Contains(expected));

    private static Task<ServedApp> StartAsync(params (string, string?)[] settings) => ServedApp.StartAsync(
        static app => app.MapGet("/who", static () => "somebody"),
        settings,
        static builder => builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.UseMeshTls())));

    private static async Task<string> SubjectAsync(ServedApp app, string serverName, X509Identity? caller)
    {
        // The first two endpoints are the fixture's own.
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .Last(static address => address.StartsWith("https", StringComparison.Ordinal));
        await using var connection = await RawConnection.OpenAsync(new Uri(address), caller, tls => tls.TargetHost = serverName);
        if ((await connection.GetAsync("/who")).Length == 0)
        {
            throw new IOException("The server closed the connection.");
        }

        return connection.Stream.RemoteCertificate!.Subject;
    }

    private CertificateFilePaths Write(string name, string? file = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddHours(1));
        var paths = new CertificateFilePaths(Path.Combine(_folder.FullName, $"{file ?? name}.pem"), Path.Combine(_folder.FullName, $"{file ?? name}.key"), null, null);
        File.WriteAllText(paths.Certificate!, certificate.ExportCertificatePem());
        File.WriteAllText(paths.Key!, key.ExportPkcs8PrivateKeyPem());
        return paths;
    }
}
