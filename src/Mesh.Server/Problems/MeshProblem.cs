using Mesh.Server.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Server.Problems;

/// <summary>
/// A refusal, as RFC 9457 <c>application/problem+json</c>: <c>type</c> <c>urn:mesh:problem:{reason}</c>, <c>title</c>,
/// <c>status</c>, <c>detail</c> and <c>traceId</c>. A gRPC call gets the matching <c>grpc-status</c> instead.
/// </summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Reason">A stable word in kebab case: the end of <c>type</c>, and the tag of the metric.</param>
/// <param name="Title">What happened, the same for every occurrence.</param>
/// <param name="Detail">What this caller can do about it; never names rules, keys or claims.</param>
public sealed record MeshProblem(int Status, string Reason, string Title, string? Detail = null)
{
    /// <summary>When the caller may try again: becomes <c>Retry-After</c>, in whole seconds rounded up.</summary>
    /// <value>Default <see langword="null"/>: not said.</value>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The value of <c>WWW-Authenticate</c>, which every 401 must have.</summary>
    /// <value>Default <see langword="null"/>: none.</value>
    public string? Challenge { get; init; }

    /// <summary>The value of the member <c>type</c>.</summary>
    public string Type => $"urn:mesh:problem:{Reason}";

    /// <summary>
    /// Answers a request with this problem and counts it under <see cref="MeshServerTelemetry.RefusalsName"/>. Fields that
    /// earlier middleware has set stay.
    /// </summary>
    /// <exception cref="InvalidOperationException">The response has started.</exception>
    public Task WriteAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Count(context);
        return ProblemWriter.WriteAsync(
            this,
            context,
            context.Features.GetRequiredFeature<IHttpResponseFeature>(),
            context.Features.GetRequiredFeature<IHttpResponseBodyFeature>());
    }

    internal void Count(HttpContext context) => context.RequestServices?.GetService<MeshServerTelemetry>()?.Refused(Reason);
}
