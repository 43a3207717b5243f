using System.Security.Cryptography;
using Mesh.Configuration;
using Mesh.Gateway.Sessions;

namespace Mesh.Gateway.Tests.Sessions;

public sealed class SessionSealTests
{
    private static readonly string Old = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private static readonly string New = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    [Test]
    public void TryOpen_WhatWasSealed_IsWhatItWas()
    {
        var seal = Compile(Old);

        Assert.That(seal.TryOpen(seal.Seal("1 orders 10.0.0.1:80", "a/0"), "a/0", out var text), Is.True);
        Assert.That(text, Is.EqualTo("1 orders 10.0.0.1:80"));
    }

    [Test]
    public void TryOpen_AnyBitOfItFlipped_Fails()
    {
        var seal = Compile(Old);
        var token = seal.Seal("1 orders 10.0.0.1:80", "a/0");
        var bytes = System.Buffers.Text.Base64Url.DecodeFromChars(token);

        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.That(seal.TryOpen(System.Buffers.Text.Base64Url.EncodeToString(bytes), "a/0", out _), Is.False);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Test]
    public void TryOpen_KeysAreExchanged_OpensWhatTheOldOneSealed()
    {
        var token = Compile(Old).Seal("x", "a/0");

        Assert.That(Compile(New, Old).TryOpen(token, "a/0", out _), Is.True);
        Assert.That(Compile(New).TryOpen(token, "a/0", out _), Is.False);
        Assert.That(Compile(Old, New).TryOpen(token, "a/1", out _), Is.False, "of another rule");
    }

    [Test]
    public void TryOpen_FarTooLong_Fails() => Assert.That(Compile(Old).TryOpen(new string('A', 100_000), "a/0", out _), Is.False);

    private static SessionSeal Compile(params string[] keys)
    {
        var errors = new ConfigurationErrors();
        var seal = SessionSeal.Compile([.. keys], "Keys", errors);
        Assert.That(errors.All, Is.Empty);
        return seal;
    }
}
