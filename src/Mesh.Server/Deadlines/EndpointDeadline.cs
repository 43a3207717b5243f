using Mesh.Server.Pipeline;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.Options;

namespace Mesh.Server.Deadlines;

/// <summary>
/// Gives the endpoint that routing has chosen the time it asks for, with ASP.NET's own metadata
/// (<c>[RequestTimeout]</c>, <c>WithRequestTimeout()</c>, <c>[DisableRequestTimeout]</c>), in the place of the service's
/// <c>RequestTimeout</c>. The caller's deadline holds whatever the endpoint says.
/// </summary>
/// <remarks>
/// A middleware of its own, behind routing, because nothing of the mesh may stand behind it: routing runs endpoints marked
/// with <c>ShortCircuit()</c> itself.
/// </remarks>
internal sealed class EndpointDeadline(
    RequestDelegate next,
    IOptions<RequestTimeoutOptions> named,
    DeadlineTimers timers)
{
    public Task InvokeAsync(HttpContext http) =>
        http.GetEndpoint() is { Metadata: { Count: > 0 } metadata }
        && TryFind(metadata, out var bound)
        && http.Features.Get<MeshRequest>() is { } request
            ? ServeAsync(http, request, bound)
            : next(http);

    private Task ServeAsync(HttpContext http, MeshRequest request, TimeSpan? bound)
    {
        var gate = http.Features.Get<IHttpResponseFeature>() as DeadlineGate;
        var elapsed = gate?.Elapsed ?? TimeSpan.Zero;
        var deadline = request.CallersDeadline.Within(elapsed + bound);
        request.Deadline = Left(deadline.Answer, elapsed);
        MeshContext.Current?.ContinueUntil(request.Deadline, Left(deadline.End, elapsed));
        if (gate is not null)
        {
            gate.Change(deadline);
            return next(http);
        }

        return deadline == InboundDeadline.None ? next(http) : DeadlineGate.RunAsync(http, deadline, next, timers);
    }

    private Deadline Left(TimeSpan span, TimeSpan elapsed) => span == Timeout.InfiniteTimeSpan ? Deadline.None : Deadline.After(span - elapsed, timers.Time);

    // Whether the endpoint says anything; null when it says that nothing bounds it.
    private bool TryFind(EndpointMetadataCollection metadata, out TimeSpan? bound)
    {
        bound = null;
        if (metadata.GetMetadata<DisableRequestTimeoutAttribute>() is not null)
        {
            return true;
        }

        if (metadata.GetMetadata<RequestTimeoutPolicy>() is { } policy)
        {
            bound = policy.Timeout;
            return true;
        }

        if (metadata.GetMetadata<RequestTimeoutAttribute>() is not { } attribute)
        {
            return false;
        }

        bound = attribute.PolicyName is { } name ? FindNamed(name) : attribute.Timeout;
        return true;
    }

    private TimeSpan? FindNamed(string name) => named.Value.Policies.TryGetValue(name, out var policy)
        ? policy.Timeout
        : throw new InvalidOperationException($"The request timeout policy '{name}' of this endpoint is not known: AddRequestTimeouts() has to define it.");
}
