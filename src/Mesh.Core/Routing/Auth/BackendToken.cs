using System.Collections.Frozen;
using System.Collections.Immutable;
using Mesh.Configuration;

namespace Mesh.Routing.Auth;

/// <summary>The token that tells a backend who the caller is. Immutable.</summary>
public sealed class BackendToken
{
    internal const string Authorization = "Authorization";

    // What the gateway itself says in a token.
    private static readonly FrozenSet<string> OwnClaims = FrozenSet.Create(StringComparer.Ordinal, "iss", "aud", "sub", "idp", "exp", "nbf", "iat", "jti", "cnf");

    private BackendToken(BackendTokenOptions options)
    {
        Audience = options.Audience;
        Claims = [.. options.Claims];
        Header = options.Header;
        IsBearer = Header.Equals(Authorization, StringComparison.OrdinalIgnoreCase);
        Fingerprint = string.Join('\0', [Audience, .. Claims]);
    }

    /// <summary>The claim <c>aud</c>; <see langword="null"/> for the name of the backend's service.</summary>
    public string? Audience { get; }

    /// <summary>The claims of the caller's credentials that go into it.</summary>
    public ImmutableArray<string> Claims { get; }

    /// <summary>The header field that carries it.</summary>
    public string Header { get; }

    /// <summary>Whether the field is <c>Authorization</c>.</summary>
    public bool IsBearer { get; }

    /// <summary>The same for rules whose tokens for one backend are the same.</summary>
    public string Fingerprint { get; }

    internal static BackendToken? Compile(BackendTokenOptions options, string path, ConfigurationErrors errors)
    {
        var before = errors.All.Count;
        if (options.Audience is { Length: 0 })
        {
            errors.Add($"{path}:{nameof(options.Audience)}", options.Audience, "what the backend is called, or nothing");
        }

        for (var i = 0; i < options.Claims.Count; i++)
        {
            if (options.Claims[i].Length == 0 || OwnClaims.Contains(options.Claims[i]))
            {
                errors.Add($"{path}:{nameof(options.Claims)}:{i}", options.Claims[i], "the name of a claim that the gateway does not say itself");
            }
        }

        if (!RouteSyntax.IsToken(options.Header) || ProtectedHeaders.Contains(options.Header))
        {
            errors.Add($"{path}:{nameof(options.Header)}", options.Header, "the name of a header field that is not the mesh's or the protocol's own");
        }

        return errors.All.Count > before ? null : new BackendToken(options);
    }
}
