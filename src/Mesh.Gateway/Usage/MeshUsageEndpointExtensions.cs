using Mesh.Gateway.Usage;
using Mesh.Server.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Shows who used what.</summary>
public static class MeshUsageEndpointExtensions
{
    private const string Csv = "text/csv";

    /// <summary>
    /// Maps a GET endpoint that writes the usage of the gateway by day, consumer, route and status: as JSON, or as CSV for
    /// <c>?format=csv</c> or <c>Accept: text/csv</c>. The parameters <c>from</c>, <c>to</c> (<c>yyyy-MM-dd</c>, both included),
    /// <c>consumer</c> and <c>route</c> select. It tells what consumers do: restrict it by <c>RequireAuthorization()</c> or an
    /// authorization document.
    /// </summary>
    /// <param name="endpoints">Where to map it.</param>
    /// <param name="pattern">The route pattern. Default <c>/mesh/usage</c>.</param>
    /// <example>
    /// <code>
    /// app.MapMeshUsage().RequireAuthorization("operators");
    /// </code>
    /// </example>
    public static IEndpointConventionBuilder MapMeshUsage(this IEndpointRouteBuilder endpoints, string pattern = "/mesh/usage")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return endpoints.MapGet(pattern, WriteAsync).WithDisplayName("Mesh usage");
    }

    private static Task WriteAsync(HttpContext http)
    {
        if (!UsageQuery.TryRead(http.Request.Query, out var query))
        {
            return UsageProblems.BadQuery.WriteAsync(http);
        }

        var rows = UsageReport.Select(http.RequestServices.GetRequiredService<UsageLedger>(), query);
        var response = http.Response;
        response.Headers.CacheControl = "no-store";
        response.Headers.Vary = HeaderNames.Accept;
        if (WantsCsv(http.Request))
        {
            response.ContentType = "text/csv; charset=utf-8; header=present";
            response.Headers.ContentDisposition = "attachment; filename=\"usage.csv\"";
            return response.Body.WriteAsync(UsageReport.ToCsv(rows), http.RequestAborted).AsTask();
        }

        response.ContentType = "application/json";
        return response.Body.WriteAsync(UsageReport.ToJson(rows), http.RequestAborted).AsTask();
    }

    private static bool WantsCsv(HttpRequest request) => request.Query["format"] is { Count: > 0 } format
        ? string.Equals(format, "csv", StringComparison.OrdinalIgnoreCase)
        : request.Headers.Accept.ToString().Contains(Csv, StringComparison.OrdinalIgnoreCase);
}
