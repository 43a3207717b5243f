namespace Mesh.Client.Tokens;

/// <summary>A token as calls carry it. A class without data in its <c>ToString()</c>: it must not show in a log by accident.</summary>
/// <param name="header">The value of the <c>Authorization</c> field.</param>
/// <param name="allowsPlaintext">Whether it may go to another machine without TLS.</param>
internal sealed class HeldToken(string header, bool allowsPlaintext)
{
    public string Header => header;

    public bool AllowsPlaintext => allowsPlaintext;

    /// <summary>From when on another is fetched, while this one is still in use; a timestamp.</summary>
    public long RefreshAt { get; init; }

    /// <summary>From when on it is used no more; a timestamp.</summary>
    public long ExpiresAt { get; init; }

    /// <summary>Who can give another one; <see langword="null"/> for the caller's own token, which is the only one there is.</summary>
    public TokenSlot? Slot { get; init; }

    public static string Format(string token) => $"Bearer {token}";
}
