using Mesh.Core.Tests.Configuration;
using Mesh.Core.Tests.Identity.Development;
using Mesh.Identity;
using Mesh.Identity.Federation;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Core.Tests.Identity.Federation;

public sealed class BundleFileWatchTests
{
    private readonly Partner _own = new(TestLeaf.Now, "shop.example");
    private readonly Partner _partner = new(TestLeaf.Now);
    private readonly Partner _next = new(TestLeaf.Now);
    private readonly RecordingLogger _log = new();

    [Test]
    public void Poll_FileThatChanges_IsFollowedWhenItStandsStill()
    {
        using var directory = new TemporaryDirectory();
        var path = Write(directory, _partner.Pem);
        var time = new FakeTimeProvider(TestLeaf.Now);
        using var source = Create(path, time);
        Assert.That(_partner.Judge(source), Is.EqualTo(PeerRefusal.None));
        Write(directory, Partner.Document(null, null, _next));
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.That(_partner.Judge(source), Is.EqualTo(PeerRefusal.None), "one look");
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.That(_next.Judge(source), Is.EqualTo(PeerRefusal.None));
    }

    [Test]
    public void Poll_FileThatIsBroken_KeepsTheLastAndSaysSoOnce()
    {
        using var directory = new TemporaryDirectory();
        var path = Write(directory, _partner.Pem);
        var time = new FakeTimeProvider(TestLeaf.Now);
        using var source = Create(path, time);
        Write(directory, _partner.Pem[..100]);
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.That(_partner.Judge(source), Is.EqualTo(PeerRefusal.None));
        Assert.That(_log.Entries.Count(static entry => entry.Level == LogLevel.Warning), Is.EqualTo(1));
    }

    [Test]
    public void Constructor_NoFileYet_TrustsNobodyUntilItComes()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory.Path);
        var time = new FakeTimeProvider(TestLeaf.Now);
        using var source = Create(Path.Combine(directory.Path, "bundle"), time);
        Assert.That(_partner.Judge(source), Is.EqualTo(PeerRefusal.UnknownTrustDomain));
        Assert.That(_log.Entries.Count(static entry => entry.Level == LogLevel.Error), Is.EqualTo(1));
        Write(directory, _partner.Pem);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.That(_partner.Judge(source), Is.EqualTo(PeerRefusal.None));
    }

    private FederatedIdentitySource Create(string path, TimeProvider time) => new(
        new FixedSource(_own.Identity()),
        [KeyValuePair.Create("partner.example", new FederatedBundleOptions { Bundle = path })],
        time,
        new Random(1),
        _log);

    private static string Write(TemporaryDirectory directory, string content)
    {
        Directory.CreateDirectory(directory.Path);
        var path = Path.Combine(directory.Path, "bundle");
        File.WriteAllText(path, content);
        return path;
    }
}
