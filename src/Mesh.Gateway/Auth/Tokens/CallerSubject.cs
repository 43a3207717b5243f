using Mesh.Authorization;
using Mesh.Server.Pipeline;

namespace Mesh.Gateway.Auth.Tokens;

/// <summary>Who a caller is: a name, and who calls it so. Names of different origin may be the same.</summary>
/// <param name="Subject">The claim <c>sub</c>; <see langword="null"/> for a token that names nobody.</param>
/// <param name="Origin">The claim <c>idp</c>: the issuer of a token or session, <c>api-key</c>, or <c>mesh</c> for a certificate.</param>
internal readonly record struct CallerSubject(string? Subject, string? Origin)
{
    private const string ApiKey = "api-key";
    private const string Certificate = "mesh";

    public static CallerSubject Of(MeshRequest request) =>
        (request.Credentials & (CallerCredentials.Token | CallerCredentials.Session)) != 0 ? new(First(request.Claims!, "sub"), First(request.Claims!, "iss"))
        : request.Consumer is { } consumer ? new(consumer, ApiKey)
        : new(request.Peer?.ToString(), Certificate);

    private static string? First(TokenClaims claims, string name) => claims.Find(name) is [var text, ..] ? text : null;
}
