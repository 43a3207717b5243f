using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Mesh.Gateway.Auth.Tokens;

/// <summary>A private key that signs tokens. Immutable.</summary>
internal sealed class SigningKey
{
    private const int MinRsaBits = 2048;
    private const string P256 = "1.2.840.10045.3.1.7";

    private readonly Lock _lock = new();
    private readonly ECDsa? _elliptic;
    private readonly RSA? _rsa;
    private readonly (string Name, string Value)[] _public;

    private SigningKey(ECDsa elliptic)
    {
        _elliptic = elliptic;
        Algorithm = "ES256";
        var point = elliptic.ExportParameters(includePrivateParameters: false).Q;
        _public = [("crv", "P-256"), ("kty", "EC"), ("x", Base64Url.EncodeToString(point.X)), ("y", Base64Url.EncodeToString(point.Y))];
        KeyId = Thumbprint();
    }

    private SigningKey(RSA rsa)
    {
        _rsa = rsa;
        Algorithm = "RS256";
        var numbers = rsa.ExportParameters(includePrivateParameters: false);
        _public = [("e", Base64Url.EncodeToString(numbers.Exponent)), ("kty", "RSA"), ("n", Base64Url.EncodeToString(numbers.Modulus))];
        KeyId = Thumbprint();
    }

    public string Algorithm { get; }

    /// <summary>The thumbprint of the public key (RFC 7638): every instance of the gateway calls it the same.</summary>
    public string KeyId { get; }

    /// <summary>Reads a private key.</summary>
    /// <exception cref="CryptographicException">It is none that could sign; the message has nothing of it.</exception>
    public static SigningKey Parse(string pem)
    {
        var elliptic = ECDsa.Create();
        if (TryImport(elliptic, pem))
        {
            return elliptic.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == P256 && CanSign(elliptic)
                ? new SigningKey(elliptic)
                : throw new CryptographicException("it is not a private key on the curve P-256");
        }

        var rsa = RSA.Create();
        return !TryImport(rsa, pem) ? throw new CryptographicException("it has no private key of EC or RSA in PEM")
            : rsa.KeySize >= MinRsaBits && CanSign(rsa) ? new SigningKey(rsa)
            : throw new CryptographicException($"it is not a private RSA key of {MinRsaBits} bits or more");
    }

    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        // Neither class promises to be safe for several threads.
        lock (_lock)
        {
            return _elliptic is not null
                ? _elliptic.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
                : _rsa!.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
    }

    /// <summary>Writes the public key as a JWK (RFC 7517).</summary>
    public void WritePublic(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in _public)
        {
            writer.WriteString(name, value);
        }

        writer.WriteString("use", "sig");
        writer.WriteString("alg", Algorithm);
        writer.WriteString("kid", KeyId);
        writer.WriteEndObject();
    }

    private static bool TryImport(AsymmetricAlgorithm key, string pem)
    {
        try
        {
            key.ImportFromPem(pem);
            return true;
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            key.Dispose();
            return false;
        }
    }

    // A public key can be imported in the same way.
    private static bool CanSign(AsymmetricAlgorithm key)
    {
        try
        {
            return key.ExportPkcs8PrivateKey().Length > 0;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private string Thumbprint() =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes($"{{{string.Join(',', _public.Select(static member => $"\"{member.Name}\":\"{member.Value}\""))}}}")));
}
