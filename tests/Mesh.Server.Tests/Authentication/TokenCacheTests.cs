using Mesh.Server.Authentication;

namespace Mesh.Server.Tests.Authentication;

internal sealed class TokenCacheTests
{
    [Test]
    public void Add_BeyondCapacity_KeepsTheYoungestAndForgetsTheOldest()
    {
        var cache = new TokenCache<Entry>(capacity: 100);
        var entry = new Entry();

        for (var i = 0; i < 1000; i++)
        {
            cache.Add(HashOf(i), entry);
        }

        var kept = Enumerable.Range(0, 1000).Where(i => cache.Find(HashOf(i), DateTimeOffset.UtcNow) is not null).ToArray();
        Assert.That(kept, Has.Length.InRange(50, 100).And.None.LessThan(900).And.Some.EqualTo(999));
    }

    [Test]
    public void Hash_OfTextThatIsNotAscii_IsNone()
    {
        Assert.That(TokenHash.TryOf("t\u00f6ken", out _), Is.False);
        Assert.That(TokenHash.TryOf(new string('a', 20_000), out var hash) && TokenHash.TryOf($"{new string('a', 19_999)}b", out var other) && hash != other, Is.True);
    }

    private static TokenHash HashOf(int i) => TokenHash.TryOf($"token {i}", out var hash) ? hash : throw new InvalidOperationException();

    private sealed class Entry : IExpiring
    {
        public bool IsFresh(DateTimeOffset now) => true;
    }
}
