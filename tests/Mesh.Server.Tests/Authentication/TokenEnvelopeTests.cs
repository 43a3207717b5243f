using CsCheck;
using Mesh.Server.Authentication;

namespace Mesh.Server.Tests.Authentication;

internal sealed class TokenEnvelopeTests
{
    private const string Alphabet = "{}[]\":,0123456789eE+-.\\utrfalsnikdgxp ";

    [Test]
    public void TryOpen_AnyText_NeverThrows() =>
        Gen.String[Gen.Char[' ', '~'], 0, 200].Sample(static text => TokenEnvelope.TryOpen(text, out _, out var problem) || problem is not null);

    [Test]
    public void TryOpen_AnyJson_NeverThrows()
    {
        var json = Gen.Char[Alphabet].Array[0, 60].Select(static characters => new string(characters));
        Gen.Select(json, json).Sample(static (header, payload) =>
            TokenEnvelope.TryOpen($"{TokenForge.Join(header, payload)}.AAAA", out _, out var problem) || problem is not null);
    }

    [Test]
    public void TryOpen_OneCharacterChanged_NeverThrows()
    {
        using var forge = new TokenForge();
        var token = forge.Rs256();
        Gen.Select(Gen.Int[0, token.Length - 1], Gen.Char).Sample((at, character) =>
        {
            var opened = TokenEnvelope.TryOpen($"{token[..at]}{character}{token[(at + 1)..]}", out var envelope, out var problem);
            return opened ? envelope.Algorithm is [_, 'S', '2' or '3' or '5', ..] : problem is not null;
        });
    }
}
