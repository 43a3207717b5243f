using CsCheck;
using Mesh.Gateway.Caching;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Tests.Caching;

public sealed class FreshnessTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [TestCase("max-age=60", 60)]
    [TestCase("max-age=60, s-maxage=10", 10)]
    [TestCase("public, max-age=\"60\"", null)]
    [TestCase("private, max-age=60", null)]
    [TestCase("private=\"set-cookie\", max-age=60", null)]
    [TestCase("no-store, max-age=60", null)]
    [TestCase("max-age=99999999999999", null)]
    [TestCase("max-age=-1", null)]
    [TestCase("max-age=60, max-age", null)]
    [TestCase("public", null)]
    [TestCase("=;,", null)]
    public void Read_OfCacheControl_IsTheLifetimeForMany(string control, int? seconds) =>
        Assert.That(Read(("Cache-Control", control))?.Lifetime.TotalSeconds, Is.EqualTo((double?)seconds));

    [Test]
    public void Read_OfExpires_CountsFromDate() =>
        Assert.That(Read(("Date", "Tue, 24 Nov 2026 12:00:00 GMT"), ("Expires", "Tue, 24 Nov 2026 12:05:00 GMT"))?.Lifetime, Is.EqualTo(TimeSpan.FromMinutes(5)));

    [TestCase("0")]
    [TestCase("tomorrow")]
    public void Read_OfAnExpiresThatIsNoDate_IsExpired(string expires) => Assert.That(Read(("Expires", expires))?.Lifetime, Is.EqualTo(TimeSpan.Zero));

    [Test]
    public void Read_OfAnOldResponse_CountsItsAge()
    {
        var freshness = Read(("Cache-Control", "max-age=60"), ("Age", "50"))!.Value;

        Assert.That(freshness.IsFreshAt(Now.AddSeconds(9)), Is.True);
        Assert.That(freshness.IsFreshAt(Now.AddSeconds(10)), Is.False);
    }

    [Test]
    public void Read_WithoutAnything_KeepsOnlyByDefault() =>
        Assert.Multiple(() =>
        {
            Assert.That(Read(), Is.Null);
            Assert.That(Freshness.Read(200, new HeaderDictionary(), TimeSpan.FromSeconds(5), Now, Now)?.IsByDefault, Is.True);
            Assert.That(Freshness.Read(404, new HeaderDictionary(), TimeSpan.FromSeconds(5), Now, Now), Is.Null);
        });

    [TestCase("max-age=1, stale-while-revalidate=30", 30)]
    [TestCase("max-age=1, stale-while-revalidate=30, must-revalidate", 0)]
    [TestCase("max-age=1, stale-while-revalidate=30, proxy-revalidate", 0)]
    public void Read_OfStaleWhileRevalidate_YieldsToMustRevalidate(string control, int seconds) =>
        Assert.That(Read(("Cache-Control", control))!.Value.StaleWhileRevalidate.TotalSeconds, Is.EqualTo(seconds));

    [Test]
    public void Read_OfAnyText_NeverThrowsAndNeverKeepsWhatSaysNoStore() =>
        Gen.String[Gen.Char["abcdefgh -=,\"0123456789;max-agestorno"], 0, 60].Sample(static text =>
        {
            Read(("Cache-Control", text), ("Expires", text), ("Age", text), ("Date", text));
            return Read(("Cache-Control", $"no-store, {text}")) is null;
        });

    private static Freshness? Read(params (string Name, string Value)[] fields)
    {
        var headers = new HeaderDictionary();
        foreach (var (name, value) in fields)
        {
            headers[name] = value;
        }

        return Freshness.Read(200, headers, TimeSpan.Zero, Now, Now);
    }
}
