namespace Mesh.Client.Tokens;

/// <summary>An access token that a source has obtained. Its value is shown to nobody but the service it is for.</summary>
public sealed class AccessToken
{
    /// <summary>Creates it.</summary>
    /// <param name="value">The token itself, without a scheme.</param>
    /// <param name="expiresAt">When it ends; <see langword="null"/> where nobody knows, and then it is used for 5 minutes.</param>
    /// <exception cref="ArgumentException">No header field could carry the value: it is empty, longer than 16 KiB, or has characters other than visible ASCII.</exception>
    public AccessToken(string value, DateTimeOffset? expiresAt = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        if (!IsSendable(value))
        {
            throw new ArgumentException("An access token is at most 16 KiB of visible ASCII characters.", nameof(value));
        }

        Value = value;
        ExpiresAt = expiresAt;
    }

    /// <summary>The token itself.</summary>
    public string Value { get; }

    /// <summary>When it ends, or <see langword="null"/> where nobody knows.</summary>
    public DateTimeOffset? ExpiresAt { get; }

    /// <summary>Does not show the token.</summary>
    public override string ToString() => "(access token)";

    /// <summary>Whether a header field can carry it.</summary>
    internal static bool IsSendable(string value)
    {
        const int MaxLength = 16 * 1024;
        return value.Length <= MaxLength && CallerToken.IsSendable(value);
    }
}
