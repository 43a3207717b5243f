using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Mesh.Client.Tokens;

/// <summary>A JWT by which this process proves who it is to a token endpoint (RFC 7523, section 3; OpenID Connect Core, section 9).</summary>
internal static class ClientAssertion
{
    // It is made for one request: long enough for clocks that differ a little, short enough to be worth nothing when stolen.
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    /// <exception cref="TokenFetchException">The key is none that could sign.</exception>
    public static string Create(TokenEndpointSettings settings, string pem, DateTimeOffset now)
    {
        using var rsa = TryImport(RSA.Create(), pem);
        if (rsa is not null)
        {
            return Sign(settings, "RS256", now, signed => rsa.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        }

        using var ec = TryImport(ECDsa.Create(), pem);
        var (algorithm, hash) = ec?.KeySize switch
        {
            256 => ("ES256", HashAlgorithmName.SHA256),
            384 => ("ES384", HashAlgorithmName.SHA384),
            521 => ("ES512", HashAlgorithmName.SHA512),
            _ => throw new TokenFetchException(new TokenFailure(
                TokenFailure.Credentials, $"{nameof(AccessTokenOptions.PrivateKeyFile)} '{settings.PrivateKeyFile}' holds no unencrypted RSA key, or EC key on P-256, P-384 or P-521, in PEM.")),
        };
        return Sign(settings, algorithm, now, signed => ec!.SignData(signed, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
    }

    private static string Sign(TokenEndpointSettings settings, string algorithm, DateTimeOffset now, Func<byte[], byte[]> sign)
    {
        var header = Encode(json =>
        {
            json.WriteString("alg", algorithm);
            json.WriteString("typ", "JWT");
            if (settings.KeyId is { } id)
            {
                json.WriteString("kid", id);
            }
        });
        var payload = Encode(json =>
        {
            json.WriteString("iss", settings.ClientId);
            json.WriteString("sub", settings.ClientId);
            json.WriteString("aud", settings.AssertionAudience);
            json.WriteString("jti", Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
            json.WriteNumber("iat", now.ToUnixTimeSeconds());
            json.WriteNumber("exp", (now + Lifetime).ToUnixTimeSeconds());
        });
        var signed = $"{header}.{payload}";
        return $"{signed}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Encode(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Base64Url.EncodeToString(buffer.WrittenSpan);
    }

    private static T? TryImport<T>(T key, string pem)
        where T : AsymmetricAlgorithm
    {
        try
        {
            key.ImportFromPem(pem);
            return key;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            key.Dispose();
            return null;
        }
    }
}
