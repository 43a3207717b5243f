using Mesh.Authorization;

namespace Mesh.Server.Authentication;

/// <summary>
/// The header fields that tell the application what a token says: <c>outputClaimToHeaders</c> and
/// <c>outputPayloadToHeader</c> of Istio. What is written is found once for each token.
/// </summary>
internal sealed class ClaimOutput(IReadOnlyList<ClaimHeaderOptions> claims, string? payloadHeader)
{
    private readonly ClaimField[] _claims = [.. claims.Select(static claim => new ClaimField(claim.Header!, claim.Claim!))];

    /// <summary>The fields to set for a token; without those whose claim it has not, or whose value fits in no field.</summary>
    public KeyValuePair<string, string>[] FieldsOf(TokenClaims claims, string encodedPayload)
    {
        List<KeyValuePair<string, string>> fields = [];
        foreach (var field in _claims)
        {
            if (field.TryFind(claims, out var value))
            {
                fields.Add(new(field.Header, value));
            }
        }

        if (payloadHeader is not null)
        {
            fields.Add(new(payloadHeader, encodedPayload));
        }

        return [.. fields];
    }
}
