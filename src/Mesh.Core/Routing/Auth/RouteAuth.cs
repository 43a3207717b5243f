using System.Collections.Immutable;
using Mesh.Authorization;
using Mesh.Configuration;

namespace Mesh.Routing.Auth;

/// <summary>What a rule of a gateway asks of callers, and what backends learn of them. Immutable.</summary>
public sealed class RouteAuth
{
    private const CallerCredentials Any =
        CallerCredentials.Token | CallerCredentials.ApiKey | CallerCredentials.Certificate | CallerCredentials.Session;

    private RouteAuth(RouteAuthOptions options, BackendToken? token)
    {
        Token = token;
        Accepts = options.Accept.Count == 0 ? Any : options.Accept.Aggregate(static (all, one) => all | one);
        AllowsAnonymous = options.Anonymous;
        Scopes = [.. options.Scopes];
        ForwardsCredentials = options.ForwardCredentials;
        Fields = [.. options.ForwardClaims.Select(static field => new ClaimField(field.Header!, field.Claim!))];
    }

    /// <summary>The credentials of which a caller must show one.</summary>
    public CallerCredentials Accepts { get; }

    /// <summary>Whether callers without credentials may come too.</summary>
    public bool AllowsAnonymous { get; }

    /// <summary>Scopes that the credentials must have.</summary>
    public ImmutableArray<string> Scopes { get; }

    /// <summary>Whether backends get the credentials.</summary>
    public bool ForwardsCredentials { get; }

    /// <summary>What backends are told of what the credentials say.</summary>
    public ImmutableArray<ClaimField> Fields { get; }

    /// <summary>The token in which backends are told who the caller is; <see langword="null"/> for none.</summary>
    public BackendToken? Token { get; }

    /// <summary>Validates options and compiles them.</summary>
    /// <returns><see langword="null"/> after an error.</returns>
    public static RouteAuth? Compile(RouteAuthOptions options, string path, ConfigurationErrors errors)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(errors);
        var valid = true;
        if (options is { Anonymous: true, Scopes.Count: > 0 })
        {
            errors.Add($"{path}:{nameof(options.Scopes)}", "there is nothing in which an anonymous caller could have scopes: leave out either these or Anonymous.");
            valid = false;
        }

        for (var i = 0; i < options.Accept.Count; i++)
        {
            if (options.Accept[i] == CallerCredentials.None)
            {
                errors.Add($"{path}:{nameof(options.Accept)}:{i}", options.Accept[i], "Token, ApiKey, Certificate or Session");
                valid = false;
            }
        }

        for (var i = 0; i < options.Scopes.Count; i++)
        {
            if (options.Scopes[i].Length == 0 || options.Scopes[i].AsSpan().ContainsAnyExceptInRange('!', '~') || options.Scopes[i].AsSpan().ContainsAny('"', '\\'))
            {
                errors.Add($"{path}:{nameof(options.Scopes)}:{i}", options.Scopes[i], "a scope: printable ASCII without spaces, quotes and backslashes (RFC 6749, 3.3)");
                valid = false;
            }
        }

        for (var i = 0; i < options.ForwardClaims.Count; i++)
        {
            valid &= Check(options.ForwardClaims[i], $"{path}:{nameof(options.ForwardClaims)}:{i}", errors);
        }

        BackendToken? token = null;
        if (options.ForwardToken is { } wanted)
        {
            token = BackendToken.Compile(wanted, $"{path}:{nameof(options.ForwardToken)}", errors);
            valid &= token is not null;
            if (token is { IsBearer: true } && options.ForwardCredentials)
            {
                errors.Add($"{path}:{nameof(options.ForwardToken)}", "it takes the place of the caller's own token: leave out ForwardCredentials, or name another Header.");
                valid = false;
            }
        }

        return valid ? new RouteAuth(options, token) : null;
    }

    private static bool Check(ClaimFieldOptions field, string path, ConfigurationErrors errors)
    {
        var before = errors.All.Count;
        if (string.IsNullOrEmpty(field.Claim))
        {
            errors.AddMissing($"{path}:{nameof(field.Claim)}", "the name of a claim");
        }

        if (field.Header is not { Length: > 0 } header || !RouteSyntax.IsToken(header) || ProtectedHeaders.Contains(header))
        {
            errors.Add($"{path}:{nameof(field.Header)}", field.Header, "the name of a header field that is not the mesh's or the protocol's own");
        }

        return errors.All.Count == before;
    }
}
