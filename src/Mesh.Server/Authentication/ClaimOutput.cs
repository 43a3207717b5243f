using Mesh.Authorization;

namespace Mesh.Server.Authentication;

/// <summary>
/// The header fields that tell the application what a token says: <c>outputClaimToHeaders</c> and
/// <c>outputPayloadToHeader</c> of Istio. What is written is found once for each token.
/// </summary>
internal sealed class ClaimOutput
{
    private const int MaxLength = 16 * 1024;

    private readonly (string Header, string Claim, string[] Path)[] _claims;
    private readonly string? _payloadHeader;

    public ClaimOutput(IReadOnlyList<ClaimHeaderOptions> claims, string? payloadHeader)
    {
        _claims = [.. claims.Select(static claim => (claim.Header!, claim.Claim!, claim.Claim!.Split('.')))];
        _payloadHeader = payloadHeader;
    }

    /// <summary>The fields to set for a token; without those whose claim it has not, or whose value fits in no field.</summary>
    public KeyValuePair<string, string>[] FieldsOf(TokenClaims claims, string encodedPayload)
    {
        List<KeyValuePair<string, string>> fields = [];
        foreach (var (header, claim, path) in _claims)
        {
            var texts = claims.Find(claim);
            if (texts.IsEmpty)
            {
                texts = claims.Find(path);
            }

            if (ValueOf(texts) is { } value)
            {
                fields.Add(new(header, value));
            }
        }

        if (_payloadHeader is not null)
        {
            fields.Add(new(_payloadHeader, encodedPayload));
        }

        return [.. fields];
    }

    private static string? ValueOf(ReadOnlySpan<string> texts)
    {
        foreach (var text in texts)
        {
            // What is not printable could end a field or not be sent on, and whoever reads a list must find the elements that were in it.
            if (text.AsSpan().ContainsAnyExceptInRange(' ', '~') || (texts.Length > 1 && text.Contains(',', StringComparison.Ordinal)))
            {
                return null;
            }
        }

        return string.Join(',', texts) is { Length: > 0 and <= MaxLength } value ? value : null;
    }
}
