using Microsoft.Extensions.Primitives;

namespace Mesh.Server.Authentication.Places;

/// <summary>
/// Reads the field <c>Cookie</c> (RFC 6265, 5.4) without believing that a name occurs once: ASP.NET's collection keeps the
/// last of several, and the application behind might read the first.
/// </summary>
internal static class CookieValues
{
    public static StringValues Find(StringValues fields, string name)
    {
        StringValues found = default;
        foreach (var field in fields)
        {
            foreach (var range in field.AsSpan().Split(';'))
            {
                var pair = field.AsSpan()[range].Trim(' ');
                if (IsNamed(pair, name))
                {
                    found = StringValues.Concat(found, pair[(name.Length + 1)..].Trim('"').ToString());
                }
            }
        }

        return found;
    }

    public static StringValues Without(StringValues fields, string name)
    {
        List<string> kept = [];
        foreach (var field in fields)
        {
            foreach (var pair in (field ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (!IsNamed(pair, name))
                {
                    kept.Add(pair);
                }
            }
        }

        return kept.Count == 0 ? default : new StringValues(string.Join("; ", kept));
    }

    private static bool IsNamed(ReadOnlySpan<char> pair, string name) =>
        pair.Length > name.Length && pair[name.Length] == '=' && pair.StartsWith(name, StringComparison.Ordinal);
}
