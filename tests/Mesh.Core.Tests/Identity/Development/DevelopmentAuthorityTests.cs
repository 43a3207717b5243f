using Mesh.Identity;
using Mesh.Identity.Development;

namespace Mesh.Core.Tests.Identity.Development;

public sealed class DevelopmentAuthorityTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Test]
    [Platform(Exclude = "Win")]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void LoadOrCreate_FirstUse_KeepsTheKeyToItsOwner()
    {
        using var directory = new TemporaryDirectory();
        using var authority = DevelopmentAuthority.LoadOrCreate(directory.Path, "mesh.local", Now);
        Assert.Multiple(() =>
        {
            Assert.That(File.GetUnixFileMode(Path.Combine(directory.Path, "mesh.local.pem")), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
            Assert.That(File.GetUnixFileMode(directory.Path), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
            Assert.That(Directory.EnumerateFiles(directory.Path, "*.tmp"), Is.Empty);
        });
    }

    [Test]
    public void LoadOrCreate_SecondUse_IsTheSameAuthority()
    {
        using var directory = new TemporaryDirectory();
        using var first = DevelopmentAuthority.LoadOrCreate(directory.Path, "mesh.local", Now);
        using var second = DevelopmentAuthority.LoadOrCreate(directory.Path, "mesh.local", Now.AddDays(1));
        using var other = DevelopmentAuthority.LoadOrCreate(directory.Path, "other.local", Now);
        Assert.Multiple(() =>
        {
            Assert.That(second.Anchor, Is.EqualTo(first.Anchor));
            Assert.That(other.Anchor, Is.Not.EqualTo(first.Anchor));
        });
    }

    [Test]
    public void LoadOrCreate_ManyAtOnce_ShareOneAuthority()
    {
        using var directory = new TemporaryDirectory();
        var anchors = new string[8];
        var threads = Enumerable.Range(0, anchors.Length).Select(i => new Thread(() =>
        {
            using var authority = DevelopmentAuthority.LoadOrCreate(directory.Path, "mesh.local", Now);
            anchors[i] = authority.Anchor.Thumbprint;
        })).ToList();
        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());
        Assert.That(anchors.Distinct().Count(), Is.EqualTo(1));
    }

    [TestCase("")]
    [TestCase("not a certificate")]
    [TestCase("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    public void LoadOrCreate_CorruptFile_IsReplaced(string content)
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory.Path);
        File.WriteAllText(Path.Combine(directory.Path, "mesh.local.pem"), content);
        using var first = DevelopmentAuthority.LoadOrCreate(directory.Path, "mesh.local", Now);
        using var second = DevelopmentAuthority.LoadOrCreate(directory.Path, "mesh.local", Now);
        Assert.That(second.Anchor, Is.EqualTo(first.Anchor));
    }

    [Test]
    public void LoadOrCreate_FileCutShort_IsReplaced()
    {
        using var directory = new TemporaryDirectory();
        using var first = DevelopmentAuthority.LoadOrCreate(directory.Path, "mesh.local", Now);
        var file = Path.Combine(directory.Path, "mesh.local.pem");
        var pem = File.ReadAllText(file);
        File.WriteAllText(file, pem[..(pem.Length - 60)]);
        using var second = DevelopmentAuthority.LoadOrCreate(directory.Path, "mesh.local", Now);
        Assert.That(second.Anchor, Is.Not.EqualTo(first.Anchor));
    }

    [Test]
    public void LoadOrCreate_AboutToExpire_IsReplaced()
    {
        using var directory = new TemporaryDirectory();
        using var first = DevelopmentAuthority.LoadOrCreate(directory.Path, "mesh.local", Now);
        using var kept = DevelopmentAuthority.LoadOrCreate(directory.Path, "mesh.local", Now.AddDays(357));
        using var second = DevelopmentAuthority.LoadOrCreate(directory.Path, "mesh.local", Now.AddDays(359));
        Assert.Multiple(() =>
        {
            Assert.That(kept.Anchor, Is.EqualTo(first.Anchor));
            Assert.That(second.Anchor, Is.Not.EqualTo(first.Anchor));
        });
    }

    [Test]
    public void LoadOrCreate_DirectoryThatCannotBe_SaysWhatToSet()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.Path, "a file");
        try
        {
            Assert.That(
                () => DevelopmentAuthority.LoadOrCreate(directory.Path, "mesh.local", Now),
                Throws.TypeOf<MeshIdentityException>().With.Message.Contains("Mesh:Identity:DevelopmentDirectory"));
        }
        finally
        {
            File.Delete(directory.Path);
        }
    }
}
