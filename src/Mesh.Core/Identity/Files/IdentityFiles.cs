using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Mesh.Identity.Files;

/// <summary>What the files of an identity, or of another certificate, hold at one moment. Private keys are among it: disposing wipes them.</summary>
internal sealed class IdentityFiles : IDisposable
{
    private IdentityFiles(byte[] certificate, byte[]? key, byte[]? password, byte[]? bundle)
    {
        Certificate = certificate;
        Key = key;
        Password = password;
        Bundle = bundle;
        Fingerprint = Hash(certificate, key, password, bundle);
    }

    /// <summary>The PEM certificates, or the PKCS#12.</summary>
    public byte[] Certificate { get; }

    /// <summary>The PEM key, where it has a file of its own.</summary>
    public byte[]? Key { get; }

    public byte[]? Password { get; }

    /// <summary>The trust bundle, where there is one to it.</summary>
    public byte[]? Bundle { get; }

    /// <summary>A hash of everything: equal when nothing has changed.</summary>
    public string Fingerprint { get; }

    /// <summary>Reads them all.</summary>
    /// <exception cref="MeshIdentityException">One of them cannot be read.</exception>
    public static IdentityFiles Read(CertificateFilePaths paths, string? bundle) => new(
        BoundedFile.Read(paths.Subject),
        paths.Key is { Length: > 0 } key ? BoundedFile.Read(key) : null,
        paths.PasswordFile is { Length: > 0 } password ? BoundedFile.Read(password) : null,
        bundle is null ? null : BoundedFile.Read(bundle));

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(Certificate);
        CryptographicOperations.ZeroMemory(Key);
        CryptographicOperations.ZeroMemory(Password);
    }

    private static string Hash(params ReadOnlySpan<byte[]?> contents)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var content in contents)
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, content?.Length ?? -1);
            hash.AppendData(length);
            hash.AppendData(content ?? []);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
