using Mesh.Server.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Mesh.Server.Authentication.Places;

/// <summary>One place of a request that a token may be in. Equal for the same place, however it was written.</summary>
internal sealed record TokenLocation
{
    /// <summary>The place that RFC 6750 prefers, and the only one unless others are configured.</summary>
    public static readonly TokenLocation Bearer = Header(HeaderNames.Authorization, "Bearer ");

    private TokenLocation(TokenPlace place, string name, string prefix)
    {
        Place = place;
        Name = name;
        Prefix = prefix;
        Scheme = prefix.TrimEnd(' ');
    }

    public TokenPlace Place { get; }

    public string Name { get; }

    /// <summary>In lower case: schemes are compared without regard to it (RFC 9110, 11.1).</summary>
    public string Prefix { get; }

    private string Scheme { get; }

    // Kestrel compares names that it knows by reference first.
    public static TokenLocation Header(string name, string prefix) => new(
        TokenPlace.Header,
        name.Equals(HeaderNames.Authorization, StringComparison.OrdinalIgnoreCase) ? HeaderNames.Authorization : name.ToLowerInvariant(),
        prefix.ToLowerInvariant());

    public static TokenLocation Parameter(string name) => new(TokenPlace.Parameter, name, "");

    public static TokenLocation Cookie(string name) => new(TokenPlace.Cookie, name, "");

    /// <summary>Finds the token; one that is there twice is none that could be believed.</summary>
    /// <returns><see langword="false"/> when there is no token; <see langword="true"/> with the token, or with the problem.</returns>
    public bool TryFind(HttpRequest request, out ReadOnlyMemory<char> token, out MeshProblem? problem)
    {
        token = default;
        problem = null;
        var values = Place switch
        {
            TokenPlace.Header => request.Headers[Name],
            TokenPlace.Parameter => request.Query[Name],
            _ => CookieValues.Find(request.Headers.Cookie, Name),
        };
        if (!HasToken(values))
        {
            return false;
        }

        if (values.Count > 1)
        {
            problem = TokenProblems.Malformed;
            return true;
        }

        var value = values[0]!;
        token = value.AsMemory(Math.Min(Prefix.Length, value.Length)).Trim(' ');
        problem = token.IsEmpty ? TokenProblems.Malformed : null;
        return true;
    }

    /// <summary>Takes the token out of the request, so that nobody behind the mesh sees it.</summary>
    public void Remove(HttpRequest request)
    {
        switch (Place)
        {
            case TokenPlace.Header:
                request.Headers.Remove(Name);
                break;
            case TokenPlace.Parameter:
                request.QueryString = QueryParameters.Without(request.QueryString, Name);
                break;
            default:
                request.Headers.Cookie = CookieValues.Without(request.Headers.Cookie, Name);
                break;
        }
    }

    private bool HasToken(StringValues values)
    {
        foreach (var value in values)
        {
            if (IsToken(value))
            {
                return true;
            }
        }

        return false;
    }

    // A scheme with nothing behind it has lost its space to the server's trimming.
    private bool IsToken(string? value) =>
        !string.IsNullOrEmpty(value)
        && (value.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || value.Equals(Scheme, StringComparison.OrdinalIgnoreCase));
}
