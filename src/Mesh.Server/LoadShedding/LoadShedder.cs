using Mesh.Server.Pipeline;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Server.LoadShedding;

/// <summary>Lets as many requests in as can be served, the most critical first. One for each policy; the counts outlive it.</summary>
internal sealed class LoadShedder(ConcurrencyLimiter limiter, SheddingRoute[] routes, TimeProvider time)
{
    public ConcurrencyLimiter Limiter => limiter;

    /// <summary>What holds for a request besides the limit of all; <see langword="null"/> for nothing.</summary>
    public SheddingRoute? Find(string method, string path)
    {
        foreach (var route in routes)
        {
            if (route.Matches(method, path))
            {
                return route;
            }
        }

        return null;
    }

    /// <summary>Whether a request is served whatever there is to do: it stays open for as long as it likes.</summary>
    public static bool IsExempt(HttpContext http, SheddingRoute? route) =>
        route?.IsExempt == true
        || http.Features.Get<IHttpWebSocketFeature>() is { IsWebSocketRequest: true }
        || http.Request.Headers.Accept is [{ } accept] && accept.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase);

    /// <summary>Begins a request. When it may be served, <see cref="Exit"/> must follow.</summary>
    public async ValueTask<bool> EnterAsync(HttpContext http, MeshRequest request, Criticality criticality)
    {
        var route = request.SheddingRoute;
        if (route?.TryEnter() == false)
        {
            return false;
        }

        var entered = false;
        try
        {
            entered = await limiter.EnterAsync(criticality, request.Deadline.Remaining(time), http.RequestAborted).ConfigureAwait(false);
            return entered;
        }
        finally
        {
            if (!entered)
            {
                route?.Exit();
            }
        }
    }

    /// <summary>Ends a request.</summary>
    public void Exit(HttpContext http, MeshRequest request, long started)
    {
        request.SheddingRoute?.Exit();

        // A refusal of the mesh is faster than the application ever is, and a caller that left has not waited for it.
        var dropped = http.Response.StatusCode is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status504GatewayTimeout;
        limiter.Exit(request.WasServed && !http.RequestAborted.IsCancellationRequested ? time.GetElapsedTime(started) : null, request.WasServed && dropped);
    }
}
