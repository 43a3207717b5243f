using System.Collections.Frozen;
using System.Security.Claims;
using CsCheck;
using Mesh.Authorization;
using Mesh.Server.Authentication;
using Mesh.Server.Authentication.Places;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Server.Tests.Authentication;

internal sealed class SeenTokenTests
{
    private static readonly TokenSource Place = new(TokenLocation.Bearer, FrozenDictionary<string, JwtIssuer>.Empty, null, TimeProvider.System, NullLogger.Instance);

    [Test]
    public void Is_OfAnyTexts_IsEqualityOfTexts()
    {
        var text = Gen.Char['a', 'c'].Array[0, 70].Select(static characters => new string(characters));
        Gen.Select(text, Gen.Int[0, 69], Gen.Char['a', 'c']).Sample(static (text, at, other) =>
        {
            var changed = at < text.Length ? $"{text[..at]}{other}{text[(at + 1)..]}" : text;
            return See(text).Is(Place, changed) == (text == changed) && See(text).Is(Place, text) && !See(text).Is(Place, $"{text}a");
        });
    }

    [Test]
    public void Is_OfAnotherPlace_IsFalse() =>
        Assert.That(See("token").Is(new TokenSource(TokenLocation.Bearer, FrozenDictionary<string, JwtIssuer>.Empty, null, TimeProvider.System, NullLogger.Instance), "token"), Is.False);

    private static SeenToken See(string text) =>
        new(Place, text.AsMemory(), new ValidatedToken(new ClaimsIdentity(), TokenClaims.Parse("{}"u8.ToArray()), "i", "s", DateTimeOffset.MaxValue));
}
