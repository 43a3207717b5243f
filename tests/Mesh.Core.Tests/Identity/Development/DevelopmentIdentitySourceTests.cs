using Mesh.Identity;
using Mesh.Identity.Development;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Core.Tests.Identity.Development;

public sealed class DevelopmentIdentitySourceTests
{
    private static readonly SpiffeId Id = SpiffeId.ForService("mesh.local", "default", "orders");

    [Test]
    public void Current_AtFirst_IsAnSvidItsOwnTrustAccepts()
    {
        using var directory = new TemporaryDirectory();
        var time = new FakeTimeProvider(TestLeaf.Now);
        using var source = new DevelopmentIdentitySource(directory.Path, Id, time, NullLogger.Instance);
        var identity = source.Current;
        Assert.Multiple(() =>
        {
            Assert.That(identity.Id, Is.EqualTo(Id));
            Assert.That(identity.ExpiresAt, Is.EqualTo(time.GetUtcNow().AddHours(24)));
            Assert.That(PeerVerifier.Verify(identity.Leaf, null, identity.Trust, time.GetUtcNow()).Accepted, Is.True);
        });
    }

    [Test]
    public void Current_AtHalfOfItsLife_IsReplacedAndTheTokenFires()
    {
        using var directory = new TemporaryDirectory();
        var time = new FakeTimeProvider(TestLeaf.Now);
        using var source = new DevelopmentIdentitySource(directory.Path, Id, time, NullLogger.Instance);
        var first = source.Current;
        var token = source.GetChangeToken();
        time.Advance(TimeSpan.FromHours(11));
        Assert.That((source.Current, token.HasChanged), Is.EqualTo((first, false)));
        time.Advance(TimeSpan.FromHours(1));
        Assert.Multiple(() =>
        {
            Assert.That(token.HasChanged, Is.True);
            Assert.That(source.Current, Is.Not.SameAs(first));
            Assert.That(source.Current.ExpiresAt, Is.EqualTo(time.GetUtcNow().AddHours(24)));
            Assert.That(source.GetChangeToken().HasChanged, Is.False);
            Assert.That(PeerVerifier.Verify(first.Leaf, null, source.Current.Trust, time.GetUtcNow()).Accepted, Is.True, "connections made before stay good");
        });
    }

    [Test]
    public void Rotate_CannotReadTheAuthority_KeepsTheIdentity()
    {
        using var directory = new TemporaryDirectory();
        var time = new FakeTimeProvider(TestLeaf.Now);
        using var source = new DevelopmentIdentitySource(directory.Path, Id, time, NullLogger.Instance);
        var first = source.Current;
        Directory.Delete(directory.Path, recursive: true);
        File.WriteAllText(directory.Path, "in the way");
        try
        {
            time.Advance(TimeSpan.FromHours(12));
            Assert.That(source.Current, Is.SameAs(first));
        }
        finally
        {
            File.Delete(directory.Path);
        }

        time.Advance(TimeSpan.FromHours(12));
        Assert.That(source.Current, Is.Not.SameAs(first));
    }
}
