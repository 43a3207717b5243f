using System.Diagnostics.CodeAnalysis;

namespace Mesh.Authorization;

/// <summary>A header field that tells an application or a backend what a caller's credentials say. Immutable.</summary>
public sealed class ClaimField
{
    private const int MaxLength = 16 * 1024;

    private readonly string _claim;
    private readonly string[] _path;

    /// <summary>Creates it.</summary>
    /// <param name="header">The header field.</param>
    /// <param name="claim">The claim, with dots for what is nested.</param>
    public ClaimField(string header, string claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        Header = header;
        _claim = claim;
        _path = claim.Split('.');
    }

    /// <summary>The header field.</summary>
    public string Header { get; }

    /// <summary>Finds the text of the field: the elements of a list with commas between them.</summary>
    /// <returns><see langword="false"/> when there is no such claim, or none that a field could carry.</returns>
    public bool TryFind(TokenClaims claims, [NotNullWhen(true)] out string? value)
    {
        ArgumentNullException.ThrowIfNull(claims);

        // A name with dots in it is a name first: "https://shop.example/roles".
        var texts = claims.Find(_claim);
        if (texts.IsEmpty)
        {
            texts = claims.Find(_path);
        }

        value = null;
        foreach (var text in texts)
        {
            // What is not printable could end a field or not be sent on, and whoever reads a list must find the elements that were in it.
            if (text.AsSpan().ContainsAnyExceptInRange(' ', '~') || (texts.Length > 1 && text.Contains(',', StringComparison.Ordinal)))
            {
                return false;
            }
        }

        value = texts.Length == 1 ? texts[0] : string.Join(',', texts);
        return value.Length is > 0 and <= MaxLength;
    }
}
