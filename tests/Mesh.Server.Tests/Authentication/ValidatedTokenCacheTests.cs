using Mesh.Authorization;
using System.Security.Claims;
using Mesh.Server.Authentication;
using Mesh.Server.Tests.Hosting;

namespace Mesh.Server.Tests.Authentication;

internal sealed class ValidatedTokenCacheTests
{
    [Test]
    public void Add_BeyondCapacity_KeepsTheYoungestAndForgetsTheOldest()
    {
        using var forge = new TokenForge();
        using var issuer = new IssuerStub();
        using var log = new LogRecorder();
        var keys = new IssuerKeys(new KeyLocation(TokenForge.Issuer, null, forge.Jwks), new JwksFetcher(new ClientFactoryStub(issuer)), TimeProvider.System, log);
        TokenEnvelope.TryOpen(forge.Rs256(), out var envelope, out _);
        var token = new ValidatedToken(new ClaimsIdentity(), TokenClaims.Parse("{}"u8.ToArray()), envelope, new JwtIssuer(TokenForge.Issuer, [], default, keys), keys.Peek()!);
        var cache = new ValidatedTokenCache(capacity: 100);

        for (var i = 0; i < 1000; i++)
        {
            cache.Add(TokenHash.Of($"token {i}"), token);
        }

        var kept = Enumerable.Range(0, 1000).Where(i => cache.Find(TokenHash.Of($"token {i}"), DateTimeOffset.UtcNow) is not null).ToArray();
        Assert.That(kept, Has.Length.InRange(50, 100).And.None.LessThan(900).And.Some.EqualTo(999));
    }
}
