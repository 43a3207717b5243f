using System.Security.Cryptography;

namespace Mesh.ApiKeys;

/// <summary>The secret that API keys are hashed with, as it stands in configuration: base64 of at least 32 bytes.</summary>
public static class ApiKeySecret
{
    /// <summary>Makes a secret of 32 bytes from the system's source of secrets.</summary>
    public static string Generate() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(ApiKeyHash.MinSecretBytes));

    /// <summary>Reads a secret.</summary>
    /// <returns><see langword="null"/> when <paramref name="text"/> is not base64 or too short.</returns>
    public static byte[]? TryParse(string? text)
    {
        var bytes = new byte[text?.Length ?? 0];
        return Convert.TryFromBase64String(text ?? "", bytes, out var length) && length >= ApiKeyHash.MinSecretBytes ? bytes[..length] : null;
    }
}
