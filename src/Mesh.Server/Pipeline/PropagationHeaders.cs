using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Mesh.Server.Pipeline;

/// <summary>The header fields that mesh services tell each other things with.</summary>
internal static class PropagationHeaders
{
    /// <summary>Which attempt this is, as an authenticated peer says; 1 when it says nothing readable.</summary>
    public static int Attempt(IHeaderDictionary headers) =>
        headers[MeshHeaders.Attempt] is { Count: 1 } field
        && int.TryParse(field[0], NumberStyles.None, CultureInfo.InvariantCulture, out var attempt)
        && attempt > 0
            ? attempt
            : 1;

    /// <summary>Removes what a stranger claims, so that nobody behind us believes it.</summary>
    public static void Strip(IHeaderDictionary headers)
    {
        List<string>? claimed = null;
        foreach (var (name, _) in headers)
        {
            if (name.StartsWith(MeshHeaders.Prefix, StringComparison.OrdinalIgnoreCase))
            {
                (claimed ??= []).Add(name);
            }
        }

        foreach (var name in claimed ?? [])
        {
            headers.Remove(name);
        }
    }
}
