using System.Numerics;
using Mesh.Client.Balancing;
using Mesh.Client.Balancing.Hashing;

namespace Mesh.Client.Tests.Balancing.Hashing;

public sealed class RequestHashTests
{
    [TestCase(HashKeySource.Header, "x-user", "ann")]
    [TestCase(HashKeySource.Header, "X-USER", "ann")]
    [TestCase(HashKeySource.Header, "x-other", null)]
    [TestCase(HashKeySource.Cookie, "sid", "s1")]
    [TestCase(HashKeySource.Cookie, "theme", "dark=1")]
    [TestCase(HashKeySource.Cookie, "id", null)]
    [TestCase(HashKeySource.Query, "user", "7")]
    [TestCase(HashKeySource.Query, "flag", "")]
    [TestCase(HashKeySource.Query, "use", null)]
    [TestCase(HashKeySource.Path, null, "/orders/1")]
    [TestCase(HashKeySource.Key, null, "customer-7")]
    public void Of_Source_IsTheHashOfItsValue(HashKeySource source, string? name, string? value)
    {
        using var request = Request();
        request.Options.Set(MeshRequestOptions.HashKey, "customer-7");

        Assert.That(Hash(Key(source, name)).Of(request), Is.EqualTo(value is null ? (ulong?)null : StableHash.Of(value)));
    }

    [Test]
    public void Of_SeveralParts_CombinesThemInOrder()
    {
        using var request = Request();
        var expected = BitOperations.RotateLeft(StableHash.Of("ann"), 1) ^ StableHash.Of("7");

        Assert.That(Hash(Key(HashKeySource.Header, "x-user"), Key(HashKeySource.Header, "x-none"), Key(HashKeySource.Query, "user")).Of(request), Is.EqualTo(expected));
    }

    [Test]
    public void Of_TerminalPartFound_LeavesOutTheRest()
    {
        using var request = Request();
        var rest = Key(HashKeySource.Path, null);

        Assert.That(Hash(Key(HashKeySource.Header, "x-user", terminal: true), rest).Of(request), Is.EqualTo(StableHash.Of("ann")));
        Assert.That(Hash(Key(HashKeySource.Header, "x-none", terminal: true), rest).Of(request), Is.EqualTo(StableHash.Of("/orders/1")));
    }

    [Test]
    public void Of_TerminalPartMissingAfterAnother_EndsIt()
    {
        // gRPC's A42: what counts is that there is a hash, not which part gave it.
        using var request = Request();
        Assert.That(Hash(Key(HashKeySource.Header, "x-user"), Key(HashKeySource.Header, "x-none", terminal: true), Key(HashKeySource.Path, null)).Of(request), Is.EqualTo(StableHash.Of("ann")));
    }

    [Test]
    public void Of_NothingFound_IsNone()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://orders/");
        Assert.That(Hash(Key(HashKeySource.Key, null), Key(HashKeySource.Cookie, "sid"), Key(HashKeySource.Query, "user")).Of(request), Is.Null);
    }

    [Test]
    public void Of_EverySource_AllocatesNothing()
    {
        using var request = Request();
        request.Options.Set(MeshRequestOptions.HashKey, "customer-7");
        var hash = Hash(Key(HashKeySource.Header, "x-user"), Key(HashKeySource.Cookie, "sid"), Key(HashKeySource.Query, "user"), Key(HashKeySource.Path, null), Key(HashKeySource.Key, null));
        hash.Of(request);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            hash.Of(request);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private static HttpRequestMessage Request()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "https://orders/orders/1?user=7&flag");
        request.Headers.Add("x-user", "ann");
        request.Headers.Add("Cookie", "sid=s1; theme=dark=1");
        return request;
    }

    private static RequestHash Hash(params HashKeyOptions[] keys) => new(keys);

    private static HashKeyOptions Key(HashKeySource source, string? name, bool terminal = false) => new() { Source = source, Name = name, Terminal = terminal };
}
