using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace Mesh.Server.Authentication.Keys;

/// <summary>The public keys of one issuer at one time. Immutable; a changed document gives another instance.</summary>
internal sealed class KeySet
{
    // Real key sets hold two to ten; a token without a key id is tried against each.
    private const int MaxKeys = 32;
    private const int MinRsaBits = 2048;

    private readonly byte[] _document;
    private readonly SecurityKey[] _keys;

    private KeySet(byte[] document, SecurityKey[] keys)
    {
        _document = document;
        _keys = keys;
    }

    public int Count => _keys.Length;

    /// <summary>Reads a JWK set (RFC 7517): its public RSA and EC signature keys; the others are skipped.</summary>
    public static bool TryParse(
        byte[] document,
        [NotNullWhen(true)] out KeySet? keys,
        [NotNullWhen(false)] out string? error)
    {
        keys = null;
        error = null;
        try
        {
            var usable = new JsonWebKeySet(Encoding.UTF8.GetString(document)).Keys.Where(IsUsable).ToArray<SecurityKey>();
            if (usable.Length is 0 or > MaxKeys)
            {
                error = $"it has {usable.Length} public signature keys, allowed are 1 to {MaxKeys}";
                return false;
            }

            keys = new KeySet(document, usable);
            return true;
        }
#pragma warning disable CA1031 // The parser throws whatever its dependencies throw, and a key set comes from outside.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            error = $"it is not a JSON Web Key Set ({exception.GetType().Name})";
            return false;
        }
    }

    public bool HasSameDocument(ReadOnlySpan<byte> document) => _document.AsSpan().SequenceEqual(document);

    public bool Knows(string keyId) => Array.Exists(_keys, key => key.KeyId == keyId);

    /// <summary>The keys a token may be signed with: of its key id, or all when it names none, that are meant for its algorithm.</summary>
    public SecurityKey[] CandidatesFor(TokenEnvelope envelope) => Array.FindAll(
        _keys,
        key => (envelope.KeyId is null || key.KeyId == envelope.KeyId) && Fits((JsonWebKey)key, envelope.Algorithm));

    private static bool Fits(JsonWebKey key, string algorithm) =>
        (string.IsNullOrEmpty(key.Alg) || key.Alg == algorithm)
        && (algorithm.StartsWith("ES", StringComparison.Ordinal) ? key.Kty == JsonWebAlgorithmsKeyTypes.EllipticCurve && key.Crv == CurveOf(algorithm) : key.Kty == JsonWebAlgorithmsKeyTypes.RSA);

    // RFC 7518, 3.4: each algorithm has its curve.
    private static string CurveOf(string algorithm) => algorithm switch
    {
        "ES256" => "P-256",
        "ES384" => "P-384",
        _ => "P-521",
    };

    private static bool IsUsable(JsonWebKey key) =>
        (string.IsNullOrEmpty(key.Use) || key.Use == JsonWebKeyUseNames.Sig)
        && key.Kty switch
        {
            JsonWebAlgorithmsKeyTypes.RSA => !string.IsNullOrEmpty(key.E) && !string.IsNullOrEmpty(key.N) && key.KeySize >= MinRsaBits,
            JsonWebAlgorithmsKeyTypes.EllipticCurve => !string.IsNullOrEmpty(key.X) && !string.IsNullOrEmpty(key.Y) && !string.IsNullOrEmpty(key.Crv),
            _ => false,
        };
}
