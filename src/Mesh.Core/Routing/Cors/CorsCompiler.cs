using System.Collections.Frozen;
using System.Globalization;
using Mesh.Configuration;

namespace Mesh.Routing.Cors;

/// <summary>Validates a CORS filter and compiles it.</summary>
internal static class CorsCompiler
{
    private const string Everything = "*";
    private const int MaxAge = 86_400;
    private static readonly string[] SimpleMethods = ["GET", "HEAD", "POST"];

    public static RouteCors Compile(CorsOptions options, string path, ConfigurationErrors errors)
    {
        for (var i = 0; i < options.AllowOrigins.Count; i++)
        {
            if (!IsOrigin(options.AllowOrigins[i]))
            {
                errors.Add($"{path}:{nameof(options.AllowOrigins)}:{i}", options.AllowOrigins[i], "an origin without a path, such as 'https://shop.example' or 'https://*.shop.example', or '*'");
            }
        }

        if (options.AllowCredentials && options.AllowOrigins.Contains(Everything))
        {
            // Any page of the world could act as the user who visits it.
            errors.Add($"{path}:{nameof(options.AllowCredentials)}", "every origin may call with credentials: name the origins, or leave credentials out.");
        }

        CheckNames(options.AllowMethods, RouteSyntax.IsMethod, $"{path}:{nameof(options.AllowMethods)}", "a method in upper case, or '*'", errors);
        CheckNames(options.AllowHeaders, RouteSyntax.IsToken, $"{path}:{nameof(options.AllowHeaders)}", "the name of a header field, or '*'", errors);
        CheckNames(options.ExposeHeaders, RouteSyntax.IsToken, $"{path}:{nameof(options.ExposeHeaders)}", "the name of a header field, or '*'", errors);
        errors.CheckRange($"{path}:{nameof(options.MaxAge)}", options.MaxAge, 1, MaxAge);
        return new RouteCors(
            options.AllowOrigins.Where(static origin => !origin.Contains('*', StringComparison.Ordinal)).ToFrozenSet(StringComparer.OrdinalIgnoreCase),
            [.. options.AllowOrigins.Where(static origin => origin.Contains("*.", StringComparison.Ordinal)).Select(OriginPattern.Parse)],
            options.AllowOrigins.Contains(Everything))
        {
            AllowCredentials = options.AllowCredentials,
            Methods = Join(options.AllowMethods.Count == 0 ? SimpleMethods : options.AllowMethods),
            Headers = Join(options.AllowHeaders),
            ExposedHeaders = Join(options.ExposeHeaders),
            MaxAge = options.MaxAge.ToString(CultureInfo.InvariantCulture),
        };
    }

    // With credentials a browser takes '*' for a name (Fetch, 3.2.5): then the request is echoed, which null stands for.
    private static string? Join(IReadOnlyCollection<string> names) => names.Count == 0 ? "" : names.Contains(Everything) ? null : string.Join(", ", names);

    private static bool IsOrigin(string text)
    {
        if (text == Everything)
        {
            return true;
        }

        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme <= 0)
        {
            return false;
        }

        var authority = text[(scheme + "://".Length)..];
        var colon = authority.LastIndexOf(':');
        var hasPort = colon > 0 && ushort.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _);
        return text.AsSpan(0, scheme).IndexOfAnyExceptInRange('a', 'z') < 0 && RouteSyntax.IsHostname(hasPort ? authority[..colon] : authority);
    }

    private delegate bool Syntax(ReadOnlySpan<char> text);

    private static void CheckNames(List<string> names, Syntax isSound, string path, string allowed, ConfigurationErrors errors)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i] != Everything && !isSound(names[i]))
            {
                errors.Add($"{path}:{i}", names[i], allowed);
            }
        }
    }
}
