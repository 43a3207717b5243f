using Mesh.Configuration;
using Mesh.Gateway.Problems;
using Mesh.Gateway.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Gateway.Hygiene;

/// <summary>
/// What is asked of a request in front of everything else that costs something: whether it may come from where it comes, and
/// whether it has come by TLS. It holds for the application's own endpoints too.
/// </summary>
internal sealed class EdgeMiddleware(RequestDelegate next, IServiceProvider services)
{
    // By the first request and not when the pipeline is built: the start-up checks are to report every error of the configuration together.
    private readonly Lazy<PolicySource<GatewayPolicy>> _policy = new(services.GetRequiredService<PolicySource<GatewayPolicy>>);

    public Task InvokeAsync(HttpContext http)
    {
        var policy = _policy.Value.Current;
        if (policy.Access is { } access && !access.Permits(http.Connection.RemoteIpAddress))
        {
            return GatewayProblems.AddressDenied.WriteAsync(http);
        }

        return policy.Https is { } https && https.TryAnswer(http, policy.Hosts) ? Task.CompletedTask : next(http);
    }
}
