using System.Globalization;
using Mesh.Gateway.Problems;
using Mesh.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Hygiene;

/// <summary>What is looked at before a request is routed: that it is meant for us, and has not been here before.</summary>
/// <param name="name">What this gateway is called in <c>Via</c>.</param>
internal sealed class EdgeGuard(string name)
{
    private const string Allowed = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    /// <summary>The refusal, or <see langword="null"/>.</summary>
    public MeshProblem? FindProblem(HttpRequest request, HostList? hosts) =>
        !HostName.IsSound(request) ? GatewayProblems.BadHost
        : hosts is not null && !hosts.Contains(request.Host.Value.AsSpan()) ? GatewayProblems.UnknownHost
        : ViaField.Names(request.Headers.Via, name) ? GatewayProblems.LoopDetected
        : null;

    /// <summary>Counts down how often a question about a way may be passed on (RFC 9110, 7.6.2).</summary>
    /// <returns>Whether it ends here, and has been answered.</returns>
    public static bool EndsHere(HttpContext http)
    {
        var headers = http.Request.Headers;
        if (headers.MaxForwards.Count == 0
            || !HttpMethods.IsOptions(http.Request.Method)
            || !int.TryParse(headers.MaxForwards, NumberStyles.None, CultureInfo.InvariantCulture, out var left))
        {
            return false;
        }

        if (left > 0)
        {
            headers.MaxForwards = (left - 1).ToString(CultureInfo.InvariantCulture);
            return false;
        }

        http.Response.Headers.Allow = Allowed;
        http.Response.ContentLength = 0;
        return true;
    }
}
