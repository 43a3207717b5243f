using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Mesh.Server.Pipeline;

/// <summary>The header fields that mesh services tell each other things with.</summary>
internal static class PropagationHeaders
{
    /// <summary>
    /// Lets the response say that a failure behind it has been repeated already. A callback of the response's start,
    /// because an exception handler clears the fields that were set before.
    /// </summary>
    public static Func<object, Task> TellRetries { get; } = static state =>
    {
        var http = (HttpContext)state;
        if (http.Features.Get<MeshRequest>()?.Context is { HasRetried: true })
        {
            http.Response.Headers[MeshHeaders.Retried] = "1";
        }

        return Task.CompletedTask;
    };

    /// <summary>Which attempt this is, as an authenticated peer says; 1 when it says nothing readable.</summary>
    public static int Attempt(IHeaderDictionary headers) =>
        headers[MeshHeaders.Attempt] is { Count: 1 } field
        && int.TryParse(field[0], NumberStyles.None, CultureInfo.InvariantCulture, out var attempt)
        && attempt > 0
            ? attempt
            : 1;

    /// <summary>How critical the request is, as an authenticated peer says; <see cref="Criticality.Critical"/> when it says nothing readable.</summary>
    public static Criticality Criticality(IHeaderDictionary headers) =>
        headers[MeshHeaders.Criticality] is { Count: 1 } field && CriticalityHeader.TryParse(field[0], out var criticality) ? criticality : default;

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

        if (claimed is null)
        {
            return;
        }

        foreach (var name in claimed)
        {
            headers.Remove(name);
        }
    }
}
