using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Mesh.Configuration;

namespace Mesh.Gateway.Sessions;

/// <summary>Makes what a caller keeps of its session unreadable and unforgeable: AES-256-GCM, for one rule only.</summary>
/// <param name="keys">The first seals, all of them open.</param>
internal sealed class SessionSeal(byte[][] keys)
{
    private const int KeyLength = 32, NonceLength = 12, TagLength = 16;
    private const int MaxKeys = 4;

    // An address and the name of a service; far more than any of ours, and little enough to be looked at.
    private const int MaxLength = 1024;

    // One for the process where none is configured: sessions outlast a reload, and not a restart.
    private static readonly byte[] OwnKey = RandomNumberGenerator.GetBytes(KeyLength);

    public static SessionSeal Compile(List<string> keys, string path, ConfigurationErrors errors)
    {
        if (keys.Count > MaxKeys)
        {
            errors.Add(path, keys.Count, $"up to {MaxKeys} keys");
        }

        var parsed = new List<byte[]>();
        for (var i = 0; i < keys.Count; i++)
        {
            var key = new byte[KeyLength];
            if (Convert.TryFromBase64String(keys[i], key, out var length) && length == KeyLength)
            {
                parsed.Add(key);
            }
            else
            {
                // Not what was found: it is a secret, or nearly one.
                errors.Add($"{path}:{i}", $"it is not base64 of {KeyLength} bytes; 'mesh key secret' makes one.");
            }
        }

        return new SessionSeal(parsed.Count == 0 ? [OwnKey] : [.. parsed]);
    }

    public string Seal(string text, string purpose)
    {
        var plain = Encoding.UTF8.GetBytes(text);
        var sealedText = new byte[NonceLength + plain.Length + TagLength];
        var nonce = sealedText.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(keys[0], TagLength);
        aes.Encrypt(nonce, plain, sealedText.AsSpan(NonceLength, plain.Length), sealedText.AsSpan(NonceLength + plain.Length), Encoding.UTF8.GetBytes(purpose));
        return Base64Url.EncodeToString(sealedText);
    }

    public bool TryOpen(string token, string purpose, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (token.Length > MaxLength || !Base64Url.IsValid(token, out var length) || length < NonceLength + TagLength)
        {
            return false;
        }

        var sealedText = Base64Url.DecodeFromChars(token);
        var plain = new byte[sealedText.Length - NonceLength - TagLength];
        var context = Encoding.UTF8.GetBytes(purpose);
        foreach (var key in keys)
        {
            using var aes = new AesGcm(key, TagLength);
            try
            {
                aes.Decrypt(sealedText.AsSpan(0, NonceLength), sealedText.AsSpan(NonceLength, plain.Length), sealedText.AsSpan(NonceLength + plain.Length), plain, context);
                text = Encoding.UTF8.GetString(plain);
                return true;
            }
            catch (AuthenticationTagMismatchException)
            {
                // Sealed with another key, for another rule, or by somebody else.
            }
        }

        return false;
    }
}
