using CsCheck;
using Mesh.Gateway.Caching;

namespace Mesh.Gateway.Tests.Caching;

public sealed class CacheStoreTests
{
    [Test]
    public void Put_OfAnything_NeverExceedsTheBound() =>
        Gen.Select(Gen.Int[0, 30], Gen.Int[0, 3000]).Array[1, 200].Sample(static puts =>
        {
            var store = new CacheStore();
            foreach (var (key, size) in puts)
            {
                store.Put(Entry($"k{key}", size), 10_000);
                if (store.Bytes > 10_000 || store.Bytes < 0)
                {
                    return false;
                }
            }

            var bytes = 0L;
            store.RemoveWhere(entry =>
            {
                bytes += entry.Size;
                return false;
            });
            return bytes == store.Bytes;
        });

    [Test]
    public void Put_WhenFull_RemovesWhatNobodyHasAskedForSince()
    {
        var store = new CacheStore();
        var room = 3 * Entry("a", 100).Size;
        foreach (var key in (string[])["a", "b", "c"])
        {
            store.Put(Entry(key, 100), room);
        }

        store.Find("a");
        store.Put(Entry("d", 100), room);

        Assert.Multiple(() =>
        {
            Assert.That(store.Find("a"), Is.Not.Null);
            Assert.That(store.Find("b"), Is.Null);
            Assert.That(store.Find("c"), Is.Not.Null);
            Assert.That(store.Find("d"), Is.Not.Null);
        });
    }

    [Test]
    public void Put_OfMoreThanTheBound_KeepsNothing()
    {
        var store = new CacheStore();

        store.Put(Entry("a", 20_000), 10_000);

        Assert.That(store.Find("a"), Is.Null);
        Assert.That(store.Bytes, Is.Zero);
    }

    private static CacheEntry Entry(string key, int size) => new(key, "host\n/", DateTimeOffset.UnixEpoch) { Body = new byte[size] };
}
